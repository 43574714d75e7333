import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import type { DaemonSandbox, RunningDaemon } from '../../support/daemon.ts';
import type { Row } from '../report.ts';
import { median, quantile } from '../statistics.ts';
import { inTurns, withSandbox } from './rig.ts';

const SECRET = 'the secret of the benches';
const DELIVERIES = 4_000;
const AT_ONCE = 16;
const ROUNDS = 3;

/** From the delivery to the process it starts; and how many deliveries a second become durable, against the server alone. */
export async function benchWebhooks(row: Row): Promise<void> {
  await withSandbox((sandbox) => latency(sandbox, row));
  await withSandbox((sandbox) => rate(sandbox, row));
}

async function latency(sandbox: DaemonSandbox, row: Row): Promise<void> {
  const task = '{ name: t, type: os_exec, spec: { command: [date, "+%s.%N"] } }';
  sandbox.write('pushed', `on: { github: [{ repositories: [a/b], push: {} }] }\ntaskGroup: [${task}]\n`);
  const daemon = await startForHooks(sandbox);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const delays: number[] = [];
  for (let round = 0; round < 300; round++) {
    const sent = performance.timeOrigin + performance.now();
    const { runs } = JSON.parse(await post(daemon.address, agent, push()));
    await daemon.wait(runs[0]);
    const log = await daemon.ask('GET', `/api/v1/runs/${runs[0]}/tasks/t/log?offset=0`);
    delays.push(Number(log.body) * 1000 - sent);
  }
  agent.destroy();
  row('webhook to process start, p50 ms', quantile(delays, 0.5), '≤ 5');
  row('webhook to process start, p99 ms', quantile(delays, 0.99), '–');
}

/** In turns, so that a slow moment of the machine hits both. */
async function rate(sandbox: DaemonSandbox, row: Row): Promise<void> {
  sandbox.write(
    'other',
    `on: { github: [{ repositories: [x/y], push: {} }] }\ntaskGroup: [{ name: t, run: "true" }]\n`,
  );
  const daemon = await startForHooks(sandbox);
  const program = ['--import', 'tsx', 'test/bench/daemon/bare-server.ts', SECRET, join(sandbox.folder, 'bare.sock')];
  const server = spawn(process.execPath, program, {
    env: { PATH: sandbox.env.PATH ?? '', HOME: sandbox.folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [address] = await once(server.stdout, 'data');
    const rates: { readonly durable: number; readonly bare: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      rates.push({ durable: await perSecond(daemon.address), bare: await perSecond(String(address).trim()) });
    }
    // The first round warms up.
    const warm = rates.slice(1);
    row('durable deliveries a second', median(warm.map(({ durable }) => durable)), '≥ 2,000');
    row('the same by the server alone', median(warm.map(({ bare }) => bare)), '–');
  } finally {
    server.kill('SIGKILL');
  }
}

async function perSecond(address: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const begin = performance.now();
  await inTurns(AT_ONCE, DELIVERIES, () => post(address, agent, push()));
  const rate = DELIVERIES / ((performance.now() - begin) / 1000);
  agent.destroy();
  return rate;
}

function startForHooks(sandbox: DaemonSandbox): Promise<RunningDaemon> {
  return sandbox.start([], { RUNNER_GITHUB_WEBHOOK_SECRET: SECRET });
}

function push(): string {
  return JSON.stringify({
    ref: 'refs/heads/main',
    before: '0'.repeat(40),
    after: '1'.repeat(40),
    note: randomUUID(),
    commits: [],
    repository: { full_name: 'a/b' },
  });
}

function post(address: string, agent: Agent, body: string): Promise<string> {
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${address}/webhooks/github`, { method: 'POST', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 202) resolve(text);
        else reject(new Error(`${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
