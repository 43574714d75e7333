import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { notifySystemd, watchdogInterval } from '../../src/util/notify-systemd.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const fail = (error: unknown) => assert.fail(String(error));

test('systemd is told in order, by its own program', async () => {
  const told: string[][] = [];
  const notify = notifySystemd('/run/systemd/notify', async (argv) => void told.push([...argv]), fail);
  void notify({ kind: 'ready', text: '3 runs\nrunning' });
  void notify({ kind: 'reloading', text: 'a' });
  void notify({ kind: 'alive' });
  await notify({ kind: 'stopping', text: 'b' });
  assert.deepEqual(told, [
    ['systemd-notify', 'READY=1', 'STATUS=3 runs running'],
    ['systemd-notify', 'RELOADING=1', 'STATUS=a'],
    ['systemd-notify', 'WATCHDOG=1'],
    ['systemd-notify', 'STOPPING=1', 'STATUS=b'],
  ]);
});

test('a second is told only once the first has been', async () => {
  const steps: string[] = [];
  let finish: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const notify = notifySystemd(
    '@abstract',
    async (argv) => {
      steps.push(`begin ${argv[1]}`);
      if (argv[1] === 'READY=1') await first;
      steps.push(`end ${argv[1]}`);
    },
    fail,
  );
  void notify({ kind: 'ready', text: '' });
  const last = notify({ kind: 'stopping', text: '' });
  finish();
  await last;
  assert.deepEqual(steps, ['begin READY=1', 'end READY=1', 'begin STOPPING=1', 'end STOPPING=1']);
});

test('without systemd nothing is run', async () => {
  for (const socket of [undefined, '']) {
    await notifySystemd(socket, () => assert.fail('nobody listens'), fail)({ kind: 'ready', text: '' });
  }
});

test('telling that fails is said, and does no harm', async () => {
  const problems: string[] = [];
  const notify = notifySystemd(
    '/x',
    () => Promise.reject(new Error('no such program')),
    (error) => problems.push(String(error)),
  );
  await notify({ kind: 'ready', text: '' });
  await notify({ kind: 'stopping', text: '' });
  assert.deepEqual(problems, ['Error: no such program', 'Error: no such program']);
});

test('a watchdog is fed twice as often as it bites, and only by whom it watches', () => {
  assert.equal(watchdogInterval({ WATCHDOG_USEC: '30000000' }, 7), 15_000);
  assert.equal(watchdogInterval({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 7), 15_000);
  assert.equal(watchdogInterval({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, 7), null);
  for (const env of [{}, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'x' }]) assert.equal(watchdogInterval(env, 7), null);
});

const LISTENER = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    text = listener.recv(4096).decode()
    if "BARRIER" not in text: print(text.split("\\n")[0], flush=True)
`;

const missing = spawnSync('systemd-notify', ['--version']).status === 0 ? false : 'systemd-notify is not installed';

test('the real program tells whoever listens', { skip: missing, timeout: 60_000 }, async (t) => {
  const socket = join(temporaryFolder(t), 'notify');
  const listener = spawn('python3', ['-c', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => listener.kill('SIGKILL'));
  const lines = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'listening');
  const env = { PATH: process.env.PATH, NOTIFY_SOCKET: socket };
  const notify = notifySystemd(
    socket,
    async ([program, ...args]) => {
      await promisify(execFile)(program, args, { env });
    },
    fail,
  );
  await notify({ kind: 'ready', text: '' });
  await notify({ kind: 'alive' });
  await notify({ kind: 'stopping', text: '' });
  for (const told of ['READY=1', 'WATCHDOG=1', 'STOPPING=1']) assert.equal((await lines.next()).value, told);
});
