/** What a daemon finds around it when somebody starts it, and what becomes of that while it lives. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { DAEMON, DaemonSandbox, RunningDaemon } from '../support/daemon.ts';

const OPTIONS = { timeout: 120_000 };
const JOB = "taskGroup: [{ name: a, run: 'true' }]\n";

test('without a home, with options for Node and in any language it works', OPTIONS, async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', JOB);
  delete sandbox.env.HOME;
  const daemon = await sandbox.start([], {
    NODE_OPTIONS: '--no-warnings',
    LANG: 'C',
    LC_ALL: 'C',
    TZ: 'Asia/Kathmandu',
  });
  assert.equal((await daemon.wait(await daemon.run('job'))).status, 'success');
});

test('when nobody reads its log any more it goes on', OPTIONS, async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', JOB);
  const all = ['--workflows', sandbox.workflows, '--state-dir', sandbox.stateDir, '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [DAEMON, ...all], { env: sandbox.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const daemon = new RunningDaemon(child, join(sandbox.stateDir, 'runnerd.sock'));
  t.after(() => daemon.kill());
  await daemon.said('ready');
  child.stdout.destroy();
  for (let run = 1; run <= 3; run++) assert.equal((await daemon.wait(await daemon.run('job'))).status, 'success');
  daemon.signal('SIGTERM');
  assert.deepEqual(await daemon.ended, { code: 0, signal: null });
});

test('a hang-up ends nothing, and a config file that goes meanwhile opens nothing', OPTIONS, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const config = join(sandbox.folder, 'config.yml');
  writeFileSync(config, 'queue_limit: 7\n', { mode: 0o600 });
  const daemon = await sandbox.start(['--config', config]);
  rmSync(config);
  sandbox.write('job', JOB);
  daemon.signal('SIGHUP');
  await daemon.said('workflow found');
  assert.equal((await daemon.wait(await daemon.run('job'))).status, 'success');
  assert.equal(await statusOf(`${daemon.address}/api/v1/runs`), 401);
  await daemon.kill();
  const next = sandbox.launch(['--config', config]);
  assert.equal((await next.ended).code, 2);
  assert.match(next.stderr, /config\.yml/);
});

/** What a request without a token is answered with. */
function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}
