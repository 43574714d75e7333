/** A machine that is short of what the daemon and its executor need: descriptors and processes. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { executorsOf } from '../../support/daemon.ts';
import { Siege } from '../../support/siege.ts';

const OPTIONS = {
  skip: spawnSync('prlimit', ['--version']).status !== 0 && 'prlimit is not installed',
  timeout: 180_000,
};

/** Leaves a process so many more descriptors than it has; returns the way to lift that. */
function leaveDescriptors(pid: number, more: number): () => void {
  const allow = (count: number | string) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${count}:`]);
  const [, before = ''] = /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
  // What is limited is the highest number.
  allow(Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number)) + 1 + more);
  return () => allow(before);
}

function executorOf(siege: Siege): number {
  return executorsOf(siege.sandbox.folder)[0] ?? assert.fail('there is no executor');
}

async function begin(t: TestContext): Promise<Siege> {
  const siege = await Siege.begin(t, { work: 'taskGroup: [{ name: it, run: echo done }]\n' });
  await siege.daemon.wait(await siege.daemon.run('work'));
  return siege;
}

test(
  'an executor without descriptors fails tasks with their reason, and starts them once there are some',
  OPTIONS,
  async (t) => {
    const siege = await begin(t);
    await siege.daemon.ask('POST', '/api/v1/workflows/healthy/pause');
    const lift = leaveDescriptors(executorOf(siege), 0);
    const { status, results } = await siege.daemon.wait(await siege.daemon.run('work'));
    assert.deepEqual([status, results.it.reason], ['failed', 'resources']);
    lift();
    assert.equal((await siege.daemon.wait(await siege.daemon.run('work'))).status, 'success');
    await siege.daemon.ask('POST', '/api/v1/workflows/healthy/resume');
    await siege.survived();
  },
);

test('a daemon without descriptors loses nothing and goes on once there are some', OPTIONS, async (t) => {
  const siege = await begin(t);
  const port = Number(new URL(siege.daemon.address).port);
  const lift = leaveDescriptors(siege.daemon.pid, 4);
  const sockets = Array.from({ length: 12 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(sockets.map(opened));
  await siege.daemon.said('run ended', ({ workflow }) => workflow === 'healthy');
  for (const socket of sockets) socket.destroy();
  lift();
  assert.equal((await siege.daemon.wait(await siege.daemon.run('work'))).status, 'success');
  await siege.survived();
});

/** Resolves once a connection is there, or is refused. */
function opened(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
}
