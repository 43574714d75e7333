/** The daemon's rows of `npm run bench`: a real daemon on loopback, its answers and its processes measured from outside. */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { DaemonSandbox, processesOf, type RunningDaemon } from '../support/daemon.ts';

const SECRET = 'the secret of the benches';

/** Takes one row: name, value, goal. */
export type Row = (name: string, value: number, goal: string) => void;

/** Measures each row with a daemon of its own. `floorMs` is what a task of the bare loop costs, two at a time. */
export async function benchDaemon(row: Row, floorMs: number): Promise<void> {
  await withSandbox((sandbox) => manyTasks(sandbox, row, floorMs));
  await withSandbox((sandbox) => webhookLatency(sandbox, row));
  await withSandbox((sandbox) => deliveryRate(sandbox, row));
  await withSandbox((sandbox) => lateness(sandbox, row));
  await withSandbox((sandbox) => idle(sandbox, row));
  await withSandbox((sandbox) => largeOutput(sandbox, row));
}

async function withSandbox(measure: (sandbox: DaemonSandbox) => Promise<void>): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  const sandbox = new DaemonSandbox({ after: (fn) => void cleanups.push(() => (fn as () => unknown)()) });
  try {
    await measure(sandbox);
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

async function manyTasks(sandbox: DaemonSandbox, row: Row, floorMs: number): Promise<void> {
  for (const count of [1, 1000]) sandbox.write(`tasks-${count}`, tasks(count));
  const daemon = await sandbox.start([], { RUNNER_MAX_PARALLEL: '2' });
  const slopes: number[] = [];
  for (let round = 0; round < 5; round++) {
    const [one, many] = [await duration(daemon, 'tasks-1'), await duration(daemon, 'tasks-1000')];
    slopes.push((many - one) / 999);
  }
  row('daemon 1,000 × /bin/true, two at a time, synced', middle(slopes) / floorMs, '≤ 1.25');
}

async function duration(daemon: RunningDaemon, workflow: string): Promise<number> {
  const run = await daemon.wait(await daemon.run(workflow));
  if (run.status !== 'success') throw new Error(JSON.stringify(run).slice(0, 1000));
  return Date.parse(run.ended_at) - Date.parse(run.started_at);
}

async function webhookLatency(sandbox: DaemonSandbox, row: Row): Promise<void> {
  sandbox.write(
    'pushed',
    `on: { github: [{ repositories: [a/b], push: {} }] }\ntaskGroup: [{ name: t, type: os_exec, spec: { command: [date, "+%s.%N"] } }]\n`,
  );
  const daemon = await startForHooks(sandbox);
  const post = poster(daemon.address, 1);
  const delays: number[] = [];
  for (let round = 0; round < 200; round++) {
    const sent = Date.now();
    const { runs } = JSON.parse(await post(push()));
    await daemon.wait(runs[0]);
    const log = await daemon.ask('GET', `/api/v1/runs/${runs[0]}/tasks/t/log?offset=0`);
    delays.push(Number(log.body) * 1000 - sent);
  }
  row('webhook to process start, p50 ms', quantile(delays, 0.5), '≤ 5');
  row('webhook to process start, p99 ms', quantile(delays, 0.99), '–');
}

async function deliveryRate(sandbox: DaemonSandbox, row: Row): Promise<void> {
  sandbox.write(
    'other',
    `on: { github: [{ repositories: [x/y], push: {} }] }\ntaskGroup: [{ name: t, run: "true" }]\n`,
  );
  const daemon = await startForHooks(sandbox);
  const post = poster(daemon.address, 32);
  const count = 5_000;
  const begin = performance.now();
  await inTurns(32, count, () => post(push()));
  row('durable deliveries a second', count / ((performance.now() - begin) / 1000), '≥ 2,000');
}

async function lateness(sandbox: DaemonSandbox, row: Row): Promise<void> {
  for (let index = 0; index < 1000; index++)
    sandbox.write(`w${index}`, `on: { schedule: [{ cron: "* * * * *" }] }\n${tasks(1)}`);
  const daemon = await sandbox.start([], { RUNNER_MAX_RUNS: '2000' });
  await pause(60_000 - (Date.now() % 60_000) + 20_000);
  const late: number[] = [];
  for (let before = ''; ; ) {
    const { body } = await daemon.ask('GET', `/api/v1/firings?limit=1000${before}`);
    for (const { at, due_at } of body.firings) late.push(Date.parse(at) - Date.parse(due_at));
    if (!body.more || late.length >= 1000) break;
    before = `&until=${Date.parse(body.firings.at(-1).at)}`;
  }
  row('lateness of 1,000 firings in one second, p50 ms', quantile(late, 0.5), '–');
  row('lateness of 1,000 firings in one second, p99 ms', quantile(late, 0.99), '≤ 1,000');
}

async function idle(sandbox: DaemonSandbox, row: Row): Promise<void> {
  for (let index = 0; index < 1000; index++)
    sandbox.write(`w${index}`, `on: { schedule: [{ cron: "0 3 * * *" }] }\n${tasks(2)}`);
  const begin = performance.now();
  const daemon = await sandbox.start();
  row('start with 1,000 files, s', (performance.now() - begin) / 1000, '≤ 1.5');
  await pause(5_000);
  const before = cpuMs(daemon.pid);
  await pause(10_000);
  row('idle daemon, % of one core', ((cpuMs(daemon.pid) - before) / 10_000) * 100, '≤ 0.2');
  row('idle daemon, MB', rssMb(daemon.pid), '≤ 120');
  row('idle executor, MB', rssMb(executorOf(sandbox)), '≤ 45');
}

async function largeOutput(sandbox: DaemonSandbox, row: Row): Promise<void> {
  const command = `yes '${'x'.repeat(79)}' | head -c 1000000000 || true`;
  sandbox.write('large', `taskGroup: [{ name: print, run: ${JSON.stringify(command)}, log: { max_size: 2GiB } }]\n`);
  const daemon = await sandbox.start();
  const done = new AbortController();
  const peaks = sample([daemon.pid, executorOf(sandbox)], done.signal);
  const ms = await duration(daemon, 'large');
  done.abort();
  const [daemonPeak = 0, executorPeak = 0] = await peaks;
  row('1 GB of output through the daemon, MB/s', 1_000_000 / ms, '≥ 250');
  row('daemon meanwhile, peak MB', daemonPeak, '≤ 300');
  row('executor meanwhile, peak MB', executorPeak, '–');
}

function startForHooks(sandbox: DaemonSandbox): Promise<RunningDaemon> {
  return sandbox.start([], { RUNNER_GITHUB_WEBHOOK_SECRET: SECRET });
}

async function sample(pids: readonly number[], signal: AbortSignal): Promise<number[]> {
  const peaks = pids.map(() => 0);
  while (!signal.aborted) {
    pids.forEach((pid, index) => {
      peaks[index] = Math.max(peaks[index] ?? 0, rssMb(pid));
    });
    await pause(100);
  }
  return peaks;
}

function executorOf(sandbox: DaemonSandbox): number {
  const pid = processesOf(sandbox.folder).find((one) =>
    readFileSync(`/proc/${one}/cmdline`, 'latin1').includes('executor.cjs'),
  );
  if (pid === undefined) throw new Error('there is no executor');
  return pid;
}

function rssMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
}

/** User and system time; a tick is 10 ms. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function push(): string {
  return JSON.stringify({
    ref: 'refs/heads/main',
    before: '0'.repeat(40),
    after: '1'.repeat(40),
    note: randomUUID(),
    repository: { full_name: 'a/b' },
  });
}

function poster(address: string, connections: number): (body: string) => Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
      };
      const sent = request(`${address}/webhooks/github`, { method: 'POST', headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          response.statusCode === 202 ? resolve(text) : reject(new Error(`${response.statusCode} ${text}`)),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
}

async function inTurns(width: number, count: number, act: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: width }, lane));
}

function tasks(count: number): string {
  const task = (index: number) => `- { name: t${index}, type: os_exec, spec: { command: [/bin/true] } }`;
  return `taskGroup:\n${Array.from({ length: count }, (_, index) => task(index)).join('\n')}\n`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function middle(values: readonly number[]): number {
  return quantile(values, 0.5);
}
