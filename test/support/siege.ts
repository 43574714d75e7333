import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, DaemonSandbox, type RunningDaemon } from './daemon.ts';

/** What signs the deliveries of a siege. */
export const WEBHOOK_SECRET = 'the secret of the siege';

/**
 * What the daemon may have in memory, whatever comes, in bytes. The promise (reliability G15) is 300 MiB; V8 gives memory back a moment
 * late, which shows on a busy machine.
 */
export const MOST_MEMORY = 360 * 1024 * 1024;

type WorkflowFiles = Readonly<Record<string, string>>;

/** A delivery as GitHub sends it; what is left out is in order. */
export interface SentDelivery {
  readonly event: string;
  readonly body: string | Buffer;
  readonly id?: string;
}

/** Options of a siege: more settings of the daemon, and whether memory is watched. */
export interface SiegeOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/**
 * A daemon under attack. A healthy workflow fires every second beside it; `survived` says whether the daemon is still the same, goes on
 * firing, answers, and stayed small.
 */
export class Siege {
  readonly sandbox: DaemonSandbox;
  daemon: RunningDaemon;
  readonly #options: SiegeOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 24 });

  private constructor(sandbox: DaemonSandbox, daemon: RunningDaemon, options: SiegeOptions) {
    this.sandbox = sandbox;
    this.daemon = daemon;
    this.#options = options;
  }

  /** Starts a daemon; the files are workflows by id, or made once the sandbox is there. */
  static async begin(
    t: TestContext,
    workflows: WorkflowFiles | ((sandbox: DaemonSandbox) => WorkflowFiles) = {},
    options: SiegeOptions = {},
  ): Promise<Siege> {
    const sandbox = new DaemonSandbox(t);
    sandbox.write(
      'healthy',
      'on: { interval: [{ every: 1s, overlap: allow }] }\ntaskGroup: [{ name: a, run: exit 0 }]\n',
    );
    const files = typeof workflows === 'function' ? workflows(sandbox) : workflows;
    for (const [id, yaml] of Object.entries(files)) sandbox.write(id, yaml);
    const siege = new Siege(sandbox, await launch(sandbox, options), options);
    t.after(() => siege.#agent.destroy());
    return siege;
  }

  /** Starts the daemon again, after it has been ended. */
  async restart(): Promise<void> {
    this.daemon = await launch(this.sandbox, this.#options);
  }

  /** Sends a delivery, signed. */
  deliver({ event, body, id = randomUUID() }: SentDelivery): Promise<Answer> {
    const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
    return this.post('/webhooks/github', body, {
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${signature}`,
    });
  }

  /** Sends a body over TCP, without a token. */
  post(path: string, body: string | Buffer, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers };
    return this.#send('POST', path, all, body);
  }

  /** Reads something over TCP, with the token. */
  get(path: string): Promise<Answer> {
    return this.#send('GET', path, { authorization: `Bearer ${this.sandbox.token}` });
  }

  /** What a task printed. */
  async logOf(run: string, task: string): Promise<string> {
    return (await this.daemon.ask('GET', `/api/v1/runs/${run}/tasks/${task}/log?offset=0`)).body;
  }

  /** Waits until something holds that nobody tells of. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await pause(20);
  }

  /** Waits until nothing waits or runs any more but the healthy workflow. */
  async quiet(): Promise<void> {
    for (;;) {
      const { body } = await this.daemon.ask('GET', '/api/v1/runs?limit=1000');
      const open = body.runs.filter((run: Answer['body']) => run.ended_at === null && run.workflow !== 'healthy');
      if (open.length === 0) return;
      await this.daemon.wait(open[0].id);
    }
  }

  /** The daemon is the one that was started, fires, answers, and never had more memory than it may. */
  async survived(): Promise<void> {
    const peak = peakMemory(this.daemon.pid);
    assert.ok(peak <= MOST_MEMORY, `the daemon had ${Math.round(peak / 1024 / 1024)} MiB`);
    assert.equal(this.daemon.stderr, '');
    const alarms = this.daemon.lines.filter(({ msg }) => msg === 'a request failed' || /internal error/i.test(msg));
    assert.deepEqual(alarms, []);
    const seen = this.daemon.lines.length;
    await this.daemon.said(
      'run ended',
      (line) => line.workflow === 'healthy' && line.status === 'success' && this.daemon.lines.indexOf(line) >= seen,
    );
  }

  #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>>,
    body: string | Buffer = '',
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(`${this.daemon.address}${path}`, { method, headers, agent: this.#agent });
      sent.on('error', reject).on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = String(response.headers['content-type']).includes('json');
          const status = response.statusCode ?? 0;
          resolve({ status, body: isJson ? JSON.parse(text) : text, headers: response.headers });
        });
      });
      sent.end(body);
    });
  }
}

async function launch(sandbox: DaemonSandbox, { env = {}, args = [] }: SiegeOptions): Promise<RunningDaemon> {
  return sandbox.start(args, { RUNNER_GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET, ...env });
}

/** The most memory a process has had, in bytes. */
export function peakMemory(pid: number): number {
  const [, kib = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/** The runs of a delivery that was taken in. @throws when it was not */
export function taken({ status, body }: Answer): readonly string[] {
  assert.ok(status === 202 || status === 200, `${status} ${JSON.stringify(body)}`);
  return body.runs;
}
