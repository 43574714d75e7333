import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allFirings, allRuns } from '../support/aftermath.ts';
import { executorsOf } from '../support/daemon.ts';
import { deliverPush } from '../support/deliver.ts';
import { cannotFakeTime, FakeTime } from '../support/fake-time.ts';
import { expect, hasEnded, runToEnd, type Scenario, start, tasks, until } from './scenario.ts';

const MINUTE = 60_000;

/** Work that ends once the file `go` is there. */
const UNTIL_GO = 'until [ -e "$GO" ]; do sleep 0.02; done';

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

/** Two seconds before the first slot the clock jumps to it. */
const cron: Scenario = {
  name: 'cron',
  skip: cannotFakeTime(),
  env: ({ folder }) => new FakeTime(folder).env,
  workflows: (sandbox) => ({
    minutely: `on: { schedule: [{ cron: '* * * * *', overlap: allow }] }\n${tasks(sandbox, ['beat', ':'])}`,
  }),
  async drive({ daemon, sandbox, memory }) {
    if (!memory.has('due')) {
      await until(async () => (await daemon.ask('GET', '/api/v1/workflows/minutely')).body.next_at !== null);
      const time = new FakeTime(sandbox.folder);
      const due = (Math.floor(time.now() / MINUTE) + 1) * MINUTE;
      memory.set('due', new Date(due).toISOString());
      time.set(due - 2_000);
    }
    await until(async () => (await allRuns(daemon)).some(({ ended_at }) => ended_at !== null));
    await daemon.ask('POST', '/api/v1/workflows/minutely/pause').then(expect(204));
  },
  async check({ daemon, memory }) {
    const fired = (await allFirings(daemon)).filter(({ due_at }) => due_at === memory.get('due'));
    return fired.length === 1 && fired[0]?.decision === 'fired' ? [] : [`of its slot became ${JSON.stringify(fired)}`];
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
    while (sandbox.ledgerLines().length === 0 && !(await hasEnded(daemon, run))) await sleep(20);
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
  workflows: (sandbox) => ({ job: tasks(sandbox, ['one', UNTIL_GO]) }),
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

const prune: Scenario = {
  name: 'prune',
  env: () => ({ RUNNER_RETENTION_MAX_RUNS: '1' }),
  workflows: (sandbox) => ({ quick: tasks(sandbox, ['one', ':']) }),
  async drive({ daemon, memory, promises }) {
    promises.mayForget = true;
    for (const _ of [1, 2]) {
      const run = await daemon.run('quick');
      await daemon.wait(run);
      memory.set('newest', run);
    }
    await daemon.ask('POST', '/api/v1/prune', {}).then(expect(200));
  },
  async check({ daemon, memory, sandbox }) {
    // A folder that could not be removed goes with the next look.
    await daemon.ask('POST', '/api/v1/prune', {}).then(expect(200));
    const kept = (await allRuns(daemon)).map(({ id }) => id);
    const left = readdirSync(join(sandbox.stateDir, 'runs')).filter((id) => !kept.includes(id));
    return [
      ...(kept.join() === memory.get('newest') ? [] : [`not only ${memory.get('newest')} was kept: ${kept}`]),
      ...left.map((id) => `the folder of ${id} was left`),
    ];
  },
};

/** One run goes on, one waits for it, one is being cancelled. */
const recovery: Scenario = {
  name: 'recovery',
  program: 'daemon',
  workflows: (sandbox) => ({
    one: `concurrency: { group: one }\n${tasks(sandbox, ['first', UNTIL_GO], ['next', ':', 'depends_on: [first]'])}`,
    stay: tasks(sandbox, ['deaf', "trap '' TERM; while :; do sleep 0.05; done"]),
  }),
  async prepare(user) {
    const { daemon, memory, sandbox } = user;
    for (const workflow of ['one', 'one', 'stay']) memory.set('last', await start(user, workflow));
    await until(async () => sandbox.ledgerLines().length === 2);
    await daemon.ask('POST', `/api/v1/runs/${memory.get('last')}/cancel`, {}).then(expect(204));
  },
  async drive({ daemon, sandbox, promises }) {
    sandbox.touch('go');
    for (const run of promises.runs) await daemon.wait(run);
  },
};

/** The same after the executor was killed too. */
const loss: Scenario = {
  name: 'recovery without executor',
  workflows: recovery.workflows,
  drive: recovery.drive,
  async prepare(user) {
    await recovery.prepare?.(user);
    await user.daemon.kill();
    for (const pid of executorsOf(user.sandbox.folder)) process.kill(pid, 'SIGKILL');
  },
};

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [
  interval,
  cron,
  webhook,
  graph,
  cancel,
  timeout,
  reload,
  prune,
  recovery,
  loss,
];
