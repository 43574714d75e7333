import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DaemonSandbox, processesOf, type RunningDaemon } from '../support/daemon.ts';
import { doubled, LEDGER_END, LEDGER_START, type LedgerEntry, readLedger } from '../support/ledger.ts';
import { randomFrom } from '../support/random.ts';

const WEBHOOK_SECRET = 'a secret for the storm';

/** What a storm left behind. */
export interface Aftermath {
  /** Empty when every promise was kept. */
  readonly complaints: readonly string[];
  readonly summary: string;
}

interface RunSummary {
  readonly id: string;
  readonly workflow: string;
  readonly status: string;
  readonly ended_at: string | null;
}

/** Random work on a daemon that is killed again and again. */
export class Storm {
  readonly #sandbox: DaemonSandbox;
  readonly #random: () => number;
  /** Runs the daemon has promised. */
  readonly #promisedRuns = new Set<string>();
  /** Deliveries the daemon has promised, with the runs it named. */
  readonly #promisedDeliveries = new Map<string, readonly string[]>();
  readonly #killed = { daemon: 0, executor: 0, both: 0 };

  constructor(t: TestContext, seed: number) {
    this.#sandbox = new DaemonSandbox(t);
    this.#random = randomFrom(seed);
    for (const [id, yaml] of Object.entries(workflows(this.#sandbox.ledger))) this.#sandbox.write(id, yaml);
  }

  /** Lets work go on and kills what it is told to kill, `kills` times. */
  async rage(kills: number): Promise<void> {
    for (let kill = 0; kill < kills; kill++) {
      const daemon = this.#launch();
      const ready = daemon.said('ready');
      if (this.#random() < 0.15) await Promise.race([ready, pause(this.#upTo(400))]);
      else await ready;
      const work = daemon.address ? this.#work(daemon) : Promise.resolve();
      await pause(this.#upTo(900));
      await this.#kill(daemon);
      await work;
      await ready.catch(() => undefined);
    }
  }

  /** Starts the daemon once more, waits until all is over, and compares promises with facts. */
  async settle(): Promise<Aftermath> {
    const daemon = this.#launch();
    await daemon.said('ready');
    await daemon.ask('POST', '/api/v1/workflows/tick/pause');
    const runs = await this.#allEnded(daemon);
    const complaints = [
      ...doubled(readLedger(this.#sandbox.ledgerLines())).map((entry) => `happened twice: ${entry}`),
      ...this.#lostPromises(runs),
      ...(await this.#contradictions(daemon, runs)),
      ...(await doubleSlots(daemon)),
      ...this.#strays(),
    ];
    const { daemon: alone, executor, both } = this.#killed;
    const lost = runs.filter(({ status }) => status === 'failed').length;
    const summary = `${runs.length} runs (${lost} failed), ${this.#promisedRuns.size} by hand, ${this.#promisedDeliveries.size} deliveries; killed: daemon ${alone}, executor ${executor}, both ${both}`;
    return { complaints, summary };
  }

  #launch(): RunningDaemon {
    return this.#sandbox.launch([], { RUNNER_GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET });
  }

  #upTo(ms: number): number {
    return Math.floor(this.#random() * ms);
  }

  /** Wishes of all kinds until the daemon is gone. Only what was answered counts as promised. */
  async #work(daemon: RunningDaemon): Promise<void> {
    const names = ['graph', 'slow', 'stubborn', 'many'];
    for (let wish = 0; wish < 12; wish++) {
      const choice = this.#random();
      const name = names[Math.floor(this.#random() * names.length)] ?? 'graph';
      try {
        if (choice < 0.45) this.#promisedRuns.add(await daemon.run(name));
        else if (choice < 0.8) await this.#deliver(daemon.address);
        else await this.#cancelOne(daemon);
      } catch {
        // The daemon was killed before it could answer: then it has promised nothing.
        return;
      }
      await pause(this.#upTo(60));
    }
  }

  async #cancelOne(daemon: RunningDaemon): Promise<void> {
    const [run] = [...this.#promisedRuns].slice(-3);
    if (run) await daemon.ask('POST', `/api/v1/runs/${run}/cancel`, {});
  }

  async #deliver(address: string): Promise<void> {
    const id = randomUUID();
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      before: '0'.repeat(40),
      after: '1'.repeat(40),
      commits: [],
      note: id,
      repository: { full_name: 'a/b' },
    });
    const { status, text } = await post(`${address}/webhooks/github`, body, id);
    if (status !== 202) return;
    this.#promisedDeliveries.set(id, JSON.parse(text).runs as string[]);
  }

  async #kill(daemon: RunningDaemon): Promise<void> {
    const choice = this.#random();
    const kind = choice < 0.5 ? 'daemon' : choice < 0.8 ? 'executor' : 'both';
    this.#killed[kind] += 1;
    if (kind !== 'daemon') this.#killExecutors();
    if (kind === 'executor') await pause(this.#upTo(300));
    await daemon.kill();
  }

  #killExecutors(): void {
    for (const pid of processesOf(this.#sandbox.folder).filter(isExecutor)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone by itself.
      }
    }
  }

  async #allEnded(daemon: RunningDaemon): Promise<readonly RunSummary[]> {
    for (let looks = 0; looks < 600; looks++) {
      const runs = await allRuns(daemon);
      if (runs.every((run) => run.ended_at !== null)) return runs;
      await pause(100);
    }
    return allRuns(daemon);
  }

  #lostPromises(runs: readonly RunSummary[]): string[] {
    const known = new Set(runs.map(({ id }) => id));
    const deliveries = [...this.#promisedDeliveries].filter(([, made]) => made.length !== 1);
    return [
      ...runs.filter(({ ended_at }) => ended_at === null).map(({ id, workflow }) => `stuck: ${workflow} ${id}`),
      ...[...this.#promisedRuns].filter((id) => !known.has(id)).map((id) => `promised but lost: ${id}`),
      ...deliveries.map(([id, made]) => `delivery ${id} made ${made.length} runs`),
      ...[...this.#promisedDeliveries.values()]
        .flat()
        .filter((id) => !known.has(id))
        .map((id) => `delivery's run lost: ${id}`),
    ];
  }

  /** What the records say against what the tasks say. */
  async #contradictions(daemon: RunningDaemon, runs: readonly RunSummary[]): Promise<string[]> {
    const entries = readLedger(this.#sandbox.ledgerLines());
    const complaints: string[] = [];
    for (const { id, workflow } of runs) {
      const { body } = await daemon.ask('GET', `/api/v1/runs/${id}`);
      const own = entries.filter(({ run }) => run === id);
      for (const [name, result] of Object.entries(
        body.results as Record<string, { status: string; reason: string | null }>,
      )) {
        complaints.push(
          ...contradiction(
            `${workflow} ${id} ${name}`,
            result,
            own.filter(({ task }) => task === name),
          ),
        );
      }
    }
    return complaints;
  }

  #strays(): string[] {
    const pids = processesOf(this.#sandbox.folder).filter((pid) =>
      readFile(`/proc/${pid}/environ`).includes('RUNNER_TASK_ID='),
    );
    return pids.map((pid) => `still running: ${pid} ${readFile(`/proc/${pid}/cmdline`)}`);
  }
}

function contradiction(
  name: string,
  result: { status: string; reason: string | null },
  entries: readonly LedgerEntry[],
): string[] {
  const starts = entries.filter(({ mark }) => mark === 'S').length;
  const ends = entries.filter(({ mark }) => mark === 'E').length;
  if (result.status === 'success' && (starts === 0 || ends === 0))
    return [`${name} succeeded with ${starts} starts and ${ends} ends`];
  if (result.status === 'skipped' && starts > 0) return [`${name} was skipped but ran`];
  return [];
}

async function allRuns(daemon: RunningDaemon): Promise<RunSummary[]> {
  const runs: RunSummary[] = [];
  for (let before = ''; ; ) {
    const { body } = await daemon.ask('GET', `/api/v1/runs?limit=200${before && `&before=${before}`}`);
    runs.push(...body.runs);
    if (!body.more) return runs;
    before = runs.at(-1)?.id ?? '';
  }
}

/** Each slot of the interval must have been decided once. */
async function doubleSlots(daemon: RunningDaemon): Promise<string[]> {
  const { body } = await daemon.ask('GET', '/api/v1/firings?workflow=tick&limit=1000');
  const due = (body.firings as { due_at: string | null }[]).map(({ due_at }) => due_at);
  return due
    .filter((slot, index) => slot !== null && due.indexOf(slot) !== index)
    .map((slot) => `slot decided twice: ${slot}`);
}

function isExecutor(pid: number): boolean {
  return readFile(`/proc/${pid}/cmdline`).includes('executor');
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function post(url: string, body: string, id: string): Promise<{ status: number; text: string }> {
  const signature = `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': id,
    'x-hub-signature-256': signature,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Workflows of every kind that write down what they do. */
function workflows(ledger: string): Record<string, string> {
  const head = `env: { LEDGER: ${JSON.stringify(ledger)} }\n`;
  const task = (name: string, work: string, more = '') =>
    `  - name: ${name}\n    run: |\n      ${LEDGER_START}\n      ${work}\n      ${LEDGER_END}\n${more}`;
  return {
    tick: `on: { interval: [{ every: 1s, overlap: allow }] }\n${head}taskGroup:\n${task('beat', 'sleep 0.2')}`,
    pushed: `on: { github: [{ repositories: [a/b], push: {} }] }\n${head}taskGroup:\n${task('built', 'sleep 0.1')}`,
    slow: `${head}taskGroup:\n${task('long', 'sleep 1.5')}`,
    stubborn: `${head}taskGroup:\n${task('deaf', "trap '' TERM; sleep 0.7", '    retry: { attempts: 2, delay: 100ms, on: [lost, exit_code] }\n')}`,
    many: `${head}taskGroup:\n${[1, 2, 3, 4, 5].map((n) => task(`part${n}`, `sleep 0.0${n}`)).join('')}`,
    graph: `${head}taskGroup:
${task('first', 'echo "value=one" >> "$OUTPUT_FILE"; sleep 0.2', '    exports: [{ name: value }]\n')}
${task('second', 'test "{{ first.value }}" = one', '    imports: [{ from: first, variable: value }]\n')}
${task('last', 'sleep 0.1', '    depends_on: [{ task: second, when: always }]\n')}
`,
  };
}
