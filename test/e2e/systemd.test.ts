import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonSandbox } from '../support/daemon.ts';
import { CANNOT_NOTIFY, NotifySocket } from '../support/notify-socket.ts';

const OPTIONS = { skip: CANNOT_NOTIFY, timeout: 60_000 };

test('systemd hears when the daemon is ready, reloads and stops, in this order', OPTIONS, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const NOTIFY_SOCKET = join(sandbox.folder, 'notify');
  const systemd = await NotifySocket.open(t, NOTIFY_SOCKET);
  const daemon = await sandbox.start([], { NOTIFY_SOCKET });
  assert.equal(await systemd.told((line) => line !== 'listening'), `READY=1 STATUS=Listens on ${daemon.address}`);
  daemon.signal('SIGHUP');
  await systemd.told((line) => line.startsWith('RELOADING=1'));
  await systemd.told(() => systemd.lines.length >= 3);
  daemon.signal('SIGTERM');
  assert.deepEqual(await daemon.ended, { code: 0, signal: null });
  await systemd.told((line) => line.startsWith('STOPPING=1'));
  const told = systemd.lines.map((line) => line.split(' ')[0]);
  assert.deepEqual(told, ['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1']);
});

test('a daemon that is watched says that it is alive', OPTIONS, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const NOTIFY_SOCKET = join(sandbox.folder, 'notify');
  const systemd = await NotifySocket.open(t, NOTIFY_SOCKET);
  const daemon = await sandbox.start([], { NOTIFY_SOCKET, WATCHDOG_USEC: '400000' });
  const fed = () => systemd.lines.filter((line) => line === 'WATCHDOG=1').length;
  await systemd.told(() => fed() >= 3);
  daemon.signal('SIGTERM');
  assert.deepEqual(await daemon.ended, { code: 0, signal: null });
});

test('a systemd that does not answer keeps the daemon neither from work nor from its end', OPTIONS, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const NOTIFY_SOCKET = join(sandbox.folder, 'notify');
  const systemd = await NotifySocket.open(t, NOTIFY_SOCKET, true);
  const daemon = await sandbox.start([], { NOTIFY_SOCKET });
  await systemd.told((line) => line.startsWith('READY=1'));
  daemon.signal('SIGTERM');
  assert.deepEqual(await daemon.ended, { code: 0, signal: null });
});
