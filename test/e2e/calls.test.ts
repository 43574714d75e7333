import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';
import { LEDGER_END, LEDGER_START, readLedger } from '../support/ledger.ts';

/** A workflow whose one task calls `inner`. */
const OUTER = `
taskGroup:
  - name: call
    type: workflow
    spec: { workflow: inner, inputs: { who: "{{ run.id }}" } }
    exports: [{ name: answer, scope: global }]
`;

/** The workflow that is called: its task begins, waits until a file is there, and exports what it was given. */
function inner(sandbox: DaemonSandbox, last = 'echo "answer=for {{ inputs.who }}" >> "$OUTPUT_FILE"'): string {
  return `
inputs: { who: {} }
env: { LEDGER: ${JSON.stringify(sandbox.ledger)}, GO: ${JSON.stringify(join(sandbox.folder, 'go'))} }
taskGroup:
  - name: work
    run: |
      ${LEDGER_START}
      echo working
      until [ -e "$GO" ]; do sleep 0.02; done
      ${last}
      ${LEDGER_END}
    exports: [{ name: answer, scope: global, optional: true }]
`;
}

async function started(sandbox: DaemonSandbox, args: readonly string[] = [], outer = OUTER): Promise<RunningDaemon> {
  sandbox.write('outer', outer);
  sandbox.write('inner', inner(sandbox));
  return sandbox.start(args);
}

async function untilBegun(sandbox: DaemonSandbox): Promise<void> {
  while (sandbox.ledgerLines().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function innerRun(daemon: RunningDaemon) {
  const { body } = await daemon.ask('GET', '/api/v1/runs?workflow=inner');
  assert.equal(body.runs.length, 1);
  return body.runs[0];
}

test('a called workflow has a run of its own, linked to the task that called it, whose exports it fills', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox);
  sandbox.touch('go');
  const run = await daemon.run('outer');
  const ended = await daemon.wait(run);
  assert.equal(ended.status, 'success');
  assert.equal(ended.results.call.outputs.answer, `for ${run}`);
  const { parent, initiator, status } = await innerRun(daemon);
  assert.deepEqual(
    { parent, initiator, status },
    { parent: { run, task: 'call' }, initiator: 'workflow', status: 'success' },
  );
});

test('runs and tasks of one place each are enough for a run within a run', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox, ['--max-runs', '1', '--max-parallel', '1']);
  sandbox.touch('go');
  assert.equal((await daemon.wait(await daemon.run('outer'))).status, 'success');
});

test('kill -9 loses and doubles nothing: the next daemon finds the called run again', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox);
  const run = await daemon.run('outer');
  await untilBegun(sandbox);
  await daemon.kill();
  const next = await sandbox.start();
  sandbox.touch('go');
  const ended = await next.wait(run);
  assert.deepEqual([ended.status, ended.results.call.outputs.answer], ['success', `for ${run}`]);
  await innerRun(next);
  assert.deepEqual(
    readLedger(sandbox.ledgerLines()).map(({ mark }) => mark),
    ['S', 'E'],
  );
});

test('a stop of the daemon leaves both runs to the next one', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox);
  const run = await daemon.run('outer');
  await untilBegun(sandbox);
  daemon.signal('SIGTERM');
  await daemon.ended;
  const next = await sandbox.start();
  sandbox.touch('go');
  assert.notEqual((await next.wait(run)).ended_at, null);
  await innerRun(next);
});

test('a cancel reaches the called run', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox);
  const run = await daemon.run('outer');
  await untilBegun(sandbox);
  await daemon.ask('POST', `/api/v1/runs/${run}/cancel`);
  const ended = await daemon.wait(run);
  assert.deepEqual(
    [ended.status, ended.results.call.status, ended.results.call.reason],
    ['cancelled', 'cancelled', 'user'],
  );
  const { status, reason } = await innerRun(daemon);
  assert.deepEqual([status, reason], ['cancelled', 'caller']);
});

test('a cancel of the called run is what its task ends with', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox);
  const run = await daemon.run('outer');
  await untilBegun(sandbox);
  await daemon.ask('POST', `/api/v1/runs/${(await innerRun(daemon)).id}/cancel`);
  const ended = await daemon.wait(run);
  assert.deepEqual(
    [ended.status, ended.results.call.status, ended.results.call.reason],
    ['failed', 'cancelled', 'user'],
  );
});

test('a time limit of the task ends the called run', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox, [], OUTER.replace('type: workflow', 'type: workflow\n    timeout: 1s'));
  const ended = await daemon.wait(await daemon.run('outer'));
  assert.deepEqual([ended.status, ended.results.call.reason], ['failed', 'timed_out']);
  const { status, reason } = await innerRun(daemon);
  assert.deepEqual([status, reason], ['cancelled', 'caller']);
});

test('a draining daemon brings what its runs call to their end', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const first = '  - { name: first, run: "until [ -e \\"$GO\\" ]; do sleep 0.02; done", env: { GO: GO_FILE } }\n';
  const outer = OUTER.replace(
    'taskGroup:\n',
    `taskGroup:\n${first.replace('GO_FILE', JSON.stringify(join(sandbox.folder, 'go')))}`,
  );
  const daemon = await started(sandbox, [], outer.replace('type: workflow', 'type: workflow\n    depends_on: first'));
  const run = await daemon.run('outer');
  await daemon.ask('POST', '/api/v1/drain');
  sandbox.touch('go');
  assert.equal((await daemon.wait(run)).status, 'success');
});

test('what is called may have changed since: a warning says so, and the task fails with bad_call', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox);
  await daemon.said('workflow found', ({ workflow }) => workflow === 'inner');
  sandbox.write('inner', 'inputs: { whom: { required: true } }\ntaskGroup: [{ name: work, run: "true" }]\n');
  await daemon.said('workflow changed', ({ workflow }) => workflow === 'inner');
  const { body } = await daemon.ask('GET', '/api/v1/workflows/outer');
  assert.equal(body.state, 'armed');
  const codes = body.diagnostics.map(({ code, severity }: Record<string, string>) => `${severity} ${code}`);
  assert.deepEqual(codes, ['info no-trigger', 'warning call-inputs', 'warning call-inputs', 'warning unknown-export']);
  const ended = await daemon.wait(await daemon.run('outer'));
  assert.deepEqual([ended.status, ended.results.call.reason], ['failed', 'bad_call']);
  assert.match(ended.results.call.message, /there is no input "who"/);
});

test('a rerun of what failed keeps the called runs that succeeded', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox, [], `${OUTER}  - { name: last, run: exit 3, depends_on: call }\n`);
  sandbox.touch('go');
  const run = await daemon.run('outer');
  await daemon.wait(run);
  const { body } = await daemon.ask('POST', `/api/v1/runs/${run}/rerun`, { failed: true });
  const again = await daemon.wait(body.id);
  assert.deepEqual([again.results.call.status, again.results.last.status], ['success', 'failed']);
  await innerRun(daemon);
});

test('a called workflow reads the secrets both files declare, with the rights of the one that calls', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox, [], `secrets: [TOKEN]\n${OUTER}`);
  await sandbox.cli(['secret', 'set', 'TOKEN', '--workflow', 'outer'], 'open-sesame');
  sandbox.write(
    'inner',
    'secrets: [TOKEN]\ninputs: { who: {} }\ntaskGroup:\n  - name: work\n    run: test "{{ secrets.TOKEN }}" = open-sesame && echo "answer={{ secrets.TOKEN }}!" >> "$OUTPUT_FILE"\n    exports: [{ name: answer, scope: global }]\n',
  );
  await daemon.said('workflow changed', ({ workflow }) => workflow === 'inner');
  const ended = await daemon.wait(await daemon.run('outer'));
  assert.equal(ended.status, 'success');
  assert.equal(ended.results.call.outputs.answer, '***');
});

test('a concurrency group that an outer run is in does not hold up what it calls', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const group = 'concurrency: { group: one, limit: 1 }\n';
  const daemon = await started(sandbox, [], group + OUTER);
  sandbox.write('inner', group + inner(sandbox));
  await daemon.said('workflow changed', ({ workflow }) => workflow === 'inner');
  sandbox.touch('go');
  assert.equal((await daemon.wait(await daemon.run('outer'))).status, 'success');
});
