import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allRuns, type Promises } from '../support/aftermath.ts';
import type { DaemonSandbox, RunningDaemon } from '../support/daemon.ts';
import { deliverPush } from '../support/deliver.ts';
import { LEDGER_END, LEDGER_START } from '../support/ledger.ts';

/** One thing users do, and what they expect of it whatever goes wrong meanwhile. */
export interface Scenario {
  readonly name: string;
  workflows(sandbox: DaemonSandbox): Readonly<Record<string, string>>;
  /** Does it to a daemon that may fail at any moment; then it is done again, to the next one, as a user would. */
  drive(user: User): Promise<void>;
  /** What else must hold in the end, in words where it does not. */
  check?(user: User): Promise<readonly string[]>;
}

/** Who works with a daemon. */
export interface User {
  readonly sandbox: DaemonSandbox;
  readonly promises: Promises;
  /** What the scenario itself remembers from one daemon to the next. */
  readonly memory: Map<string, string>;
  readonly daemon: RunningDaemon;
}

const DELIVERIES = ['72d3162e-cc78-11e3-81ab-4c9367dc0958', '72d3162e-cc78-11e3-81ab-4c9367dc0959'] as const;

const interval: Scenario = {
  name: 'interval',
  workflows: (sandbox) => ({
    tick: `on: { interval: [{ every: 1s, overlap: allow }] }\n${tasks(sandbox, ['beat', ':'])}`,
  }),
  async drive({ daemon }) {
    await until(async () => (await allRuns(daemon)).some(({ ended_at }) => ended_at !== null));
    await daemon.ask('POST', '/api/v1/workflows/tick/pause').then(expect(204));
  },
};

const webhook: Scenario = {
  name: 'webhook',
  workflows: (sandbox) => ({
    pushed: `on: { github: [{ repositories: [a/b], push: {} }] }\n${tasks(sandbox, ['built', ':'])}`,
  }),
  async drive({ daemon, promises }) {
    for (const id of [DELIVERIES[0], DELIVERIES[1], DELIVERIES[0]]) {
      const reply = await deliverPush(daemon.address, id);
      expect(200, 202)(reply);
      promises.deliveries.set(id, JSON.parse(reply.text).runs);
    }
  },
  check: async ({ sandbox }) => (sandbox.ledgerLines().length > 4 ? ['a delivery ran more than once'] : []),
};

const graph: Scenario = {
  name: 'graph',
  workflows: (sandbox) => ({
    graph: tasks(
      sandbox,
      ['first', 'echo "value=one" >> "$OUTPUT_FILE"', 'exports: [{ name: value }]'],
      ['second', 'test "{{ first.value }}" = one', 'imports: [{ from: first, variable: value }]'],
      ['side', ':', 'retry: { attempts: 2, delay: 10ms, on: [lost] }'],
      ['last', ':', 'depends_on: [{ task: second, when: always }, side]'],
    ),
  }),
  drive: (user) => runToEnd(user, 'graph'),
};

const cancel: Scenario = {
  name: 'cancel',
  workflows: (sandbox) => ({
    stay: tasks(sandbox, ['deaf', "trap '' TERM; while :; do sleep 0.05; done"], ['next', ':', 'depends_on: [deaf]']),
  }),
  async drive(user) {
    const { daemon, memory, sandbox } = user;
    const run = memory.get('run') ?? (await start(user, 'stay'));
    memory.set('run', run);
    while (sandbox.ledgerLines().length === 0 && !(await hasEnded(daemon, run))) await pause();
    // What was lost has ended before anybody could cancel it.
    await daemon.ask('POST', `/api/v1/runs/${run}/cancel`, {}).then(expect(204, 409));
    memory.set('cancelled', run);
    // One whose making was not answered runs too.
    for (const { id, ended_at } of await allRuns(daemon)) {
      if (ended_at === null) await daemon.ask('POST', `/api/v1/runs/${id}/cancel`, {});
    }
    await daemon.wait(run);
  },
  async check({ daemon, memory }) {
    const run = memory.get('cancelled');
    const { body } = await daemon.ask('GET', `/api/v1/runs/${run}`);
    return body.results.next.status === 'success' ? ['what was cancelled went on'] : [];
  },
};

const timeout: Scenario = {
  name: 'timeout',
  workflows: (sandbox) => ({ slow: tasks(sandbox, ['stuck', 'sleep 60', 'timeout: 200ms'], ['free', ':']) }),
  drive: (user) => runToEnd(user, 'slow'),
  async check({ daemon, promises }) {
    const [run] = promises.runs;
    const { body } = await daemon.ask('GET', `/api/v1/runs/${run}`);
    return body.status === 'success' ? ['a task beyond its time succeeded'] : [];
  },
};

const reload: Scenario = {
  name: 'reload',
  workflows: (sandbox) => ({ job: tasks(sandbox, ['one', 'until [ -e "$GO" ]; do sleep 0.02; done']) }),
  async drive(user) {
    const { daemon, memory, sandbox } = user;
    const first = memory.get('first') ?? (await start(user, 'job'));
    memory.set('first', first);
    const edited = `description: edited\n${tasks(sandbox, ['two', ':'])}`;
    memory.set('edited', edited);
    sandbox.write('job', edited);
    await until(async () => (await daemon.ask('GET', '/api/v1/workflows/job')).body.description === 'edited');
    const second = memory.get('second') ?? (await start(user, 'job'));
    memory.set('second', second);
    writeFileSync(join(sandbox.folder, 'go'), '');
    await daemon.wait(first);
    await daemon.wait(second);
  },
  async check({ daemon, memory }) {
    const text = async (which: string) =>
      (await daemon.ask('GET', `/api/v1/runs/${memory.get(which)}/definition`)).body;
    const [first, second] = [await text('first'), await text('second')];
    return [
      ...(first === memory.get('edited') ? ['the first run has the edited file'] : []),
      ...(second === memory.get('edited') ? [] : ['the second run has the former file']),
    ];
  },
};

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [interval, webhook, graph, cancel, timeout, reload];

/** A workflow of tasks that tell when they begin and when they are through: name, work, and keys of the task. */
function tasks(sandbox: DaemonSandbox, ...list: readonly (readonly [string, string, string?])[]): string {
  const go = join(sandbox.folder, 'go');
  const head = `env: { LEDGER: ${JSON.stringify(sandbox.ledger)}, GO: ${JSON.stringify(go)} }\ntaskGroup:\n`;
  const task = ([name, work, keys = '']: readonly [string, string, string?]): string =>
    `  - name: ${name}\n    run: |\n      ${LEDGER_START}\n      ${work}\n      ${LEDGER_END}\n${keys && `    ${keys}\n`}`;
  return head + list.map(task).join('');
}

async function start({ daemon, promises }: User, workflow: string): Promise<string> {
  const run = await daemon.run(workflow);
  promises.runs.add(run);
  return run;
}

async function runToEnd(user: User, workflow: string): Promise<void> {
  await user.daemon.wait(await start(user, workflow));
}

async function hasEnded(daemon: RunningDaemon, run: string): Promise<boolean> {
  return (await daemon.ask('GET', `/api/v1/runs/${run}`)).body.ended_at !== null;
}

function expect(...wanted: readonly number[]): (answer: { readonly status: number }) => void {
  return (answer) => {
    if (!wanted.includes(answer.status)) throw new Error(`unexpected answer: ${JSON.stringify(answer)}`);
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
