import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';
import { LEDGER_END, LEDGER_START, readLedger } from '../support/ledger.ts';
import { Sandbox } from '../support/program.ts';

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

async function started(
  sandbox: DaemonSandbox,
  outer = OUTER,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningDaemon> {
  sandbox.write('outer', outer);
  sandbox.write('inner', inner(sandbox));
  return sandbox.start([], env);
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
  sandbox.env.RUNNER_MAX_RUNS = '1';
  sandbox.env.RUNNER_MAX_PARALLEL = '1';
  const daemon = await started(sandbox);
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
  const daemon = await started(sandbox, OUTER, { RUNNER_DRAIN: '0s' });
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
  const daemon = await started(sandbox, OUTER.replace('type: workflow', 'type: workflow\n    timeout: 1s'));
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
  const daemon = await started(sandbox, outer.replace('type: workflow', 'type: workflow\n    depends_on: first'));
  const run = await daemon.run('outer');
  await daemon.ask('POST', '/api/v1/drain');
  sandbox.touch('go');
  assert.equal((await daemon.wait(run)).status, 'success');
});

test('what is called may have changed since: a warning says so, and the task fails with bad_call', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const daemon = await started(sandbox);
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
  const daemon = await started(sandbox, `${OUTER}  - { name: last, run: exit 3, depends_on: call }\n`);
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
  const daemon = await started(sandbox, `secrets: [TOKEN]\n${OUTER}`);
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
  const daemon = await started(sandbox, group + OUTER);
  sandbox.write('inner', group + inner(sandbox));
  await daemon.said('workflow changed', ({ workflow }) => workflow === 'inner');
  sandbox.touch('go');
  assert.equal((await daemon.wait(await daemon.run('outer'))).status, 'success');
});

/** A folder in which `exec` finds workflows that call each other. */
function files(t: TestContext, texts: Readonly<Record<string, string>>): Sandbox {
  const sandbox = new Sandbox(t);
  for (const [name, text] of Object.entries(texts)) sandbox.write(`workflows/${name}.yml`, text);
  return sandbox;
}

const DEPLOY = `
secrets: [TOKEN]
inputs: { version: { required: true }, times: { type: number } }
taskGroup:
  - name: go
    run: |
      echo "deploying {{ inputs.version }} with {{ secrets.TOKEN }}"
      echo "url=https://example.com/{{ inputs.version }}" >> "$OUTPUT_FILE"
      echo "key=very-secret" >> "$OUTPUT_FILE"
    exports: [{ name: url, scope: global }, { name: key, scope: global, confidential: true }]
  - name: each
    matrix: { n: [1, 2] }
    run: echo "list=v{{ matrix.n }}" >> "$OUTPUT_FILE"
    exports: [{ name: list, scope: global }]
`;

const RELEASE = `
secrets: [TOKEN]
taskGroup:
  - name: deploy
    type: workflow
    spec: { workflow: ./deploy.yml, inputs: { version: "1.2", times: 3 } }
    exports: [{ name: url, scope: global }, { name: list, scope: global }, { name: key, scope: global }]
  - name: after
    run: echo "key {{ deploy.key }}"
    imports: [{ from: deploy, variable: key }]
`;

test('exec runs a called file within the run, with one place for all tasks', async (t) => {
  const sandbox = files(t, { 'ops/release': RELEASE, 'ops/deploy': DEPLOY });
  const args = ['exec', 'workflows/ops/release.yml', '--secret', 'TOKEN', '-j', '1', '--json'];
  const { code, stdout, stderr } = await sandbox.run(args, { TOKEN: 'open-sesame' });
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout).results.deploy.outputs, {
    url: 'https://example.com/1.2',
    list: '["v1","v2"]',
    key: '***',
  });
  assert.match(stderr, /deploy +\| go \| deploying 1\.2 with \*\*\*\n/);
  assert.match(stderr, /after +\| key \*\*\*\n/);
});

test('what is wrong with a call, or with what is called, is said before anything runs', async (t) => {
  const sandbox = files(t, {
    release: RELEASE.replace('secrets: [TOKEN]', '').replace('times: 3', 'tims: 3'),
    deploy: DEPLOY,
    broken: 'taskGroup: [{ name: a, type: workflow, spec: { workflow: bad } }]',
    bad: 'taskGroup: [{ name: a, run: 1, type: x }]',
  });
  const wrong = await sandbox.run(['validate', 'workflows/release.yml']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /release\.yml:6:\d+: error: .* reads the secrets TOKEN, .* \[call-secrets\]/);
  assert.match(wrong.stderr, /release\.yml:6:\d+: error: .* no input "tims"; did you mean "times"\? \[call-inputs\]/);
  const broken = await sandbox.run(['exec', 'workflows/broken.yml']);
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /broken\.yml:1:\d+: error: the workflow "bad" has mistakes/);
  assert.match(broken.stderr, /bad\.yml:1:\d+: error: /);
});

test('a called run that fails fails its task and says which task broke it', async (t) => {
  const sandbox = files(t, {
    outer: 'taskGroup: [{ name: call, type: workflow, spec: { workflow: inner } }]',
    inner: 'taskGroup: [{ name: ok, run: "true" }, { name: broken, run: exit 3 }]',
  });
  const { code, stdout } = await sandbox.run(['exec', 'workflows/outer.yml', '--json']);
  assert.equal(code, 1);
  const { status, reason, message, exit_code } = JSON.parse(stdout).results.call;
  assert.deepEqual([status, reason, exit_code], ['failed', 'workflow_failed', null]);
  assert.match(message, /^run \S+ of inner failed: task "broken" failed \(exit_code\)$/);
});

test('a confidential value never becomes an input', async (t) => {
  const sandbox = files(t, {
    outer: `
taskGroup:
  - { name: find, run: 'echo "k=open-sesame" >> "$OUTPUT_FILE"', exports: [{ name: k, confidential: true }] }
  - { name: pass, run: 'echo "k=open-sesame" >> "$OUTPUT_FILE"', depends_on: find, exports: [{ name: k }] }
  - name: call
    type: workflow
    spec: { workflow: inner, inputs: { k: "{{ pass.k }}" } }
    imports: [{ from: pass, variable: k }]
`,
    inner: 'inputs: { k: {} }\ntaskGroup: [{ name: a, run: "true" }]',
  });
  const { code, stdout } = await sandbox.run(['exec', 'workflows/outer.yml', '--json']);
  assert.equal(code, 1);
  assert.equal(JSON.parse(stdout).results.call.reason, 'bad_call');
  assert.ok(!stdout.includes('open-sesame'));
});

test('workflows that call each other are refused, and so are calls more than ten deep', async (t) => {
  const call = (name: string) => `taskGroup: [{ name: a, type: workflow, spec: { workflow: ${name} } }]`;
  const chain = Object.fromEntries(Array.from({ length: 12 }, (_, level) => [`w${level}`, call(`w${level + 1}`)]));
  const end = 'taskGroup: [{ name: a, run: echo reached }]';
  const sandbox = files(t, { ...chain, w12: end, one: call('two'), two: call('one') });
  const cycle = await sandbox.run(['exec', 'workflows/one.yml']);
  assert.equal(cycle.code, 2);
  assert.match(cycle.stderr, /call each other: one → two → one \[call-cycle\]/);
  assert.equal((await sandbox.run(['exec', 'workflows/w2.yml'])).code, 0);
  const deep = await sandbox.run(['exec', 'workflows/w1.yml', '--json']);
  assert.equal(deep.code, 1);
  assert.match(JSON.parse(deep.stdout).results.a.message, /failed/);
  assert.doesNotMatch(deep.stderr, /reached/);
});
