import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonSandbox, executorsOf, type RunningDaemon, tasksOf } from '../support/daemon.ts';
import { LEDGER_END, LEDGER_START, readLedger } from '../support/ledger.ts';

/** A workflow whose task begins, waits until a file is there, and ends with 7. */
function waiting(sandbox: DaemonSandbox, more = ''): string {
  return `
env: { LEDGER: ${JSON.stringify(sandbox.ledger)}, GO: ${JSON.stringify(join(sandbox.folder, 'go'))} }
taskGroup:
  - name: long
    run: |
      ${LEDGER_START}
      echo before
      until [ -e "$GO" ]; do sleep 0.02; done
      echo after
      ${LEDGER_END}
      exit 7
${more}`;
}

async function untilBegun(sandbox: DaemonSandbox): Promise<void> {
  while (sandbox.ledgerLines().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function killed(sandbox: DaemonSandbox, daemon: RunningDaemon): Promise<string> {
  sandbox.write('job', waiting(sandbox));
  await daemon.said('workflow found');
  const run = await daemon.run('job');
  await untilBegun(sandbox);
  // The task may write before it is on record what process it is.
  while ((await daemon.ask('GET', `/api/v1/runs/${run}/tasks/long`)).body.phase !== 'running');
  // What is shown may still be on its way to the disk; once something later is durable, it is too.
  await daemon.ask('POST', '/api/v1/workflows/job/resume');
  await daemon.kill();
  return run;
}

test('a workflow that is put into the folder fires by its interval', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await sandbox.start();
  sandbox.write('ops/tick', `on: { interval: [{ every: 1s }] }\n${waiting(sandbox).replace('until', ': ||')}`);
  const created = await daemon.said('run created', ({ workflow }) => workflow === 'ops/tick');
  assert.equal(created.trigger, 'interval');
});

test('a workflow whose file was away while no daemon ran begins anew when it comes back', {
  timeout: 120_000,
}, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const hourly = 'on: { interval: [{ every: 1h }] }\ntaskGroup: [{ name: a, run: "true" }]\n';
  sandbox.write('hourly', hourly);
  const nextAt = async (): Promise<number> => {
    const daemon = await sandbox.start();
    const { body } = await daemon.ask('GET', '/api/v1/next');
    await daemon.kill();
    return Date.parse(body.next[0]?.at);
  };
  const first = await nextAt();
  assert.equal(await nextAt(), first);
  rmSync(join(sandbox.workflows, 'hourly.yml'));
  assert.ok(Number.isNaN(await nextAt()));
  sandbox.write('hourly', hourly);
  assert.ok((await nextAt()) > first);
});

test('a task survives kill -9 of the daemon: its output is whole and its exit code true', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const run = await killed(sandbox, await sandbox.start());
  const next = await sandbox.start();
  sandbox.touch('go');
  const ended = await next.wait(run);
  assert.equal(ended.status, 'failed');
  assert.equal(ended.results.long.exit_code, 7);
  const log = await next.ask('GET', `/api/v1/runs/${run}/tasks/long/log?offset=0`);
  assert.equal(log.body, 'before\nafter\n');
  assert.deepEqual(
    readLedger(sandbox.ledgerLines()).map(({ mark }) => mark),
    ['S', 'E'],
  );
});

test('a task that ended while no daemon was there has its true end', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const run = await killed(sandbox, await sandbox.start());
  sandbox.touch('go');
  while (sandbox.ledgerLines().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  const next = await sandbox.start();
  const ended = await next.wait(run);
  assert.equal(ended.results.long.exit_code, 7);
});

test('when the executor dies with the daemon, what ran is lost, and nothing of it is left', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const run = await killed(sandbox, await sandbox.start());
  for (const pid of executorsOf(sandbox.folder)) process.kill(pid, 'SIGKILL');
  const next = await sandbox.start();
  const ended = await next.wait(run);
  assert.equal(ended.results.long.reason, 'lost');
  assert.match(ended.results.long.message, /pid \d+/);
  assert.deepEqual(tasksOf(sandbox.folder), []);
  assert.equal(sandbox.ledgerLines().length, 1);
});

test('TERM leaves what runs to the next daemon', async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', waiting(sandbox));
  const daemon = await sandbox.start([], { RUNNER_DRAIN: '0s' });
  const run = await daemon.run('job');
  await untilBegun(sandbox);
  daemon.signal('SIGTERM');
  assert.deepEqual(await daemon.ended, { code: 0, signal: null });
  const next = await sandbox.start();
  sandbox.touch('go');
  assert.equal((await next.wait(run)).results.long.exit_code, 7);
});

test('a second daemon on the same state is refused and names the first', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const first = await sandbox.start();
  const second = sandbox.launch();
  assert.deepEqual(await second.ended, { code: 3, signal: null });
  assert.match(second.stderr, new RegExp(`pid ${first.pid}\\b`));
});

test('an address in use is told, and the state is free again', async (t) => {
  const one = new DaemonSandbox(t);
  const other = new DaemonSandbox(t);
  const { address } = await one.start();
  const refused = other.launch(['--listen', address.replace('http://', '')]);
  assert.deepEqual(await refused.ended, { code: 4, signal: null });
  await other.start();
});

test('nothing in the state folder is open to others, whatever the umask', async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', 'taskGroup: [{ name: print, run: "echo hello; touch made; umask" }]');
  const umask = process.umask(0);
  const daemon = await sandbox.start().finally(() => process.umask(umask));
  const run = await daemon.run('job');
  assert.equal((await daemon.wait(run)).status, 'success');
  const log = await daemon.ask('GET', `/api/v1/runs/${run}/tasks/print/log?offset=0`);
  assert.equal(log.body, 'hello\n0000\n', 'a task has the umask the daemon was started with');
  const { stdout } = spawnSync('find', [sandbox.stateDir, '-perm', '/077', '-not', '-path', '*/workspace/*'], {
    encoding: 'utf8',
  });
  assert.equal(stdout, '');
});

test("a task sees three descriptors, and none of the daemon's variables", async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', 'taskGroup: [{ name: look, run: "ls /proc/self/fd | wc -l; env" }]');
  const daemon = await sandbox.start([], { CANARY: 'sings' });
  const run = await daemon.run('job');
  await daemon.wait(run);
  const { body } = await daemon.ask('GET', `/api/v1/runs/${run}/tasks/look/log?offset=0`);
  // ls opens the folder it lists.
  assert.match(body, /^4\n/);
  assert.doesNotMatch(body, /CANARY/);
});

test('cancel ends a task that ignores TERM, and its run', async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', waiting(sandbox).replace('echo before', "trap '' TERM; echo before"));
  const daemon = await sandbox.start([], { RUNNER_GRACE: '100ms' });
  const run = await daemon.run('job');
  await untilBegun(sandbox);
  assert.equal((await daemon.ask('POST', `/api/v1/runs/${run}/cancel`, {})).status, 204);
  const ended = await daemon.wait(run);
  assert.deepEqual([ended.status, ended.results.long.reason], ['cancelled', 'user']);
});

test('a rerun of what failed keeps what succeeded', async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write(
    'job',
    waiting(
      sandbox,
      '  - { name: fine, run: \'echo "v=1" >> "$OUTPUT_FILE"\', exports: [{ name: v, scope: global }] }\n',
    ),
  );
  sandbox.touch('go');
  const daemon = await sandbox.start();
  const first = await daemon.wait(await daemon.run('job'));
  const again = await daemon.ask('POST', `/api/v1/runs/${first.id}/rerun`, { failed: true });
  const second = await daemon.wait(again.body.id);
  assert.equal(second.rerun_of, first.id);
  assert.equal(second.results.fine.outputs.v, '1');
  assert.equal(readLedger(sandbox.ledgerLines()).filter(({ mark }) => mark === 'S').length, 2);
  const { body } = await daemon.ask('GET', `/api/v1/runs/${second.id}/tasks/fine`);
  assert.deepEqual(body.logs, [], 'it did not run again');
});

test('the file a run was made from stays with it, whatever happens to the file', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const yaml = waiting(sandbox);
  sandbox.write('job', yaml);
  const daemon = await sandbox.start();
  const run = await daemon.run('job');
  await untilBegun(sandbox);
  sandbox.write('job', 'taskGroup: [{ name: other, run: "true" }]');
  await daemon.said('workflow changed');
  await daemon.kill();
  const next = await sandbox.start();
  sandbox.touch('go');
  assert.equal((await next.wait(run)).results.long.exit_code, 7);
  assert.equal((await next.ask('GET', `/api/v1/runs/${run}/definition`)).body, yaml);
});

test('a broken edit leaves the last good version in force, and says so', async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', 'taskGroup: [{ name: fine, run: "true" }]');
  const daemon = await sandbox.start();
  sandbox.write('job', 'taskGroup: [{ name: fine, rum: "true" }]');
  const said = await daemon.said('workflow has errors');
  assert.match(String(said.diagnostics), /job\.yml:1:27: /);
  const { body } = await daemon.ask('GET', '/api/v1/workflows/job');
  assert.equal(body.state, 'stale');
  assert.equal((await daemon.wait(await daemon.run('job'))).status, 'success');
});

test('the control socket and the database are gone or free after a clean stop', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await sandbox.start();
  daemon.signal('SIGINT');
  assert.equal((await daemon.ended).code, 0);
  assert.equal(existsSync(join(sandbox.stateDir, 'runnerd.sock')), false);
  await sandbox.start();
});
