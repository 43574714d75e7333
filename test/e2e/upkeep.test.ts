import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DAEMON, DaemonSandbox } from '../support/daemon.ts';

const QUICK = 'taskGroup: [{ name: a, run: echo hello }]\n';

test('prune takes old runs away with their folders, and says so first when asked', { timeout: 120_000 }, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await sandbox.start([], { RUNNER_RETENTION_MAX_RUNS: '1' });
  sandbox.write('quick', QUICK);
  await daemon.said('workflow found');
  const runs: string[] = [];
  for (let count = 0; count < 3; count++) {
    runs.push(await daemon.run('quick'));
    await daemon.wait(runs.at(-1) ?? '');
  }
  const dry = await daemon.ask('POST', '/api/v1/prune', { dry_run: true });
  assert.deepEqual([dry.body.runs, dry.body.dry_run], [2, true]);
  const done = await daemon.ask('POST', '/api/v1/prune', {});
  assert.deepEqual([done.body.runs, done.body.bytes], [2, dry.body.bytes]);
  assert.ok(done.body.bytes > 0);
  for (const [index, run] of runs.entries()) {
    assert.equal(existsSync(join(sandbox.stateDir, 'runs', run)), index === 2);
    assert.equal((await daemon.ask('GET', `/api/v1/runs/${run}`)).status, index === 2 ? 200 : 404);
  }
});

test('no run begins on a full disk, and the daemon says why', { timeout: 120_000 }, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await sandbox.start([], { RUNNER_DISK_MIN_FREE: '1000TiB' });
  sandbox.write('quick', QUICK);
  await daemon.said('workflow found');
  await assert.rejects(daemon.run('quick'), /503 .*disk-full.*the disk is nearly full/);
  const { body } = await daemon.ask('GET', '/api/v1/firings?workflow=quick');
  assert.equal(body.firings[0].reason, 'disk-full');
  assert.match((await daemon.ask('GET', '/healthz')).body.problems.join(), /nearly full/);
});

test('secrets that are sealed anew are still there, also after a restart', { timeout: 120_000 }, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const first = await sandbox.start();
  assert.equal((await sandbox.cli(['secret', 'set', 'KEY'], 'sesame\n')).code, 0);
  const { stdout, code } = await sandbox.cli(['secret', 'rekey']);
  assert.deepEqual([code, stdout], [0, '1 secret sealed with a new key\n']);
  await first.kill();
  sandbox.write('job', 'secrets: [KEY]\ntaskGroup:\n  - name: a\n    run: test "{{ secrets.KEY }}" = sesame\n');
  const next = await sandbox.start();
  const ended = await next.wait(await next.run('job'));
  assert.equal(ended.status, 'success');
});

const skip = spawnSync('systemd-analyze', ['--version']).status !== 0 && 'systemd-analyze is not installed';

test('runnerd prints a unit that systemd understands', { skip, timeout: 120_000 }, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const { status, stdout, stderr } = spawnSync(process.execPath, [DAEMON, 'unit', '--user', 'games'], {
    env: sandbox.env,
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
  const file = join(sandbox.folder, 'runnerd.service');
  writeFileSync(file, stdout);
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { env: sandbox.env, encoding: 'utf8' });
  assert.deepEqual([verified.status, verified.stderr], [0, '']);
  assert.equal(spawnSync(process.execPath, [DAEMON, 'unit', '--user', 'a b'], { env: sandbox.env }).status, 2);
});
