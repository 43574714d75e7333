import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finished, printed, Sandbox } from '../support/program.ts';

const MATRIX = `
taskGroup:
  - name: test
    matrix:
      os: [linux, macos]
      value: ["x; touch pwned", "$(touch pwned) 'q' \\"d\\" ]}}/../..", "24"]
      exclude: [{ os: macos, value: "24" }]
    run: |
      printf '%s' {{ matrix.value }} > "value-$RUNNER_TASK_ID"
      echo "seen={{ matrix.os }}" >> "$OUTPUT_FILE"
      echo "$RUNNER_TASK on {{ matrix.os }}"
    exports: [{ name: seen, scope: global }]
  - name: report
    imports: [{ from: test, variable: seen }]
    run: echo {{ json test.seen }}
`;

test('every combination runs with its own values, whatever they hold', async (t) => {
  const sandbox = new Sandbox(t);
  const { code, result, stderr } = await sandbox.exec(MATRIX);
  assert.equal(code, 0, stderr);
  const entry = result?.results.test;
  assert.ok(entry?.instances);
  assert.deepEqual(entry.outputs.seen, ['linux', 'linux', 'linux', 'macos', 'macos']);
  for (const { id, matrix } of entry.instances) assert.equal(sandbox.read(`value-${id}.1`), matrix.value);
  assert.ok(!readdirSync(sandbox.folder).includes('pwned'));
  const shown = 'test(os=linux,value="$(touch pwned) \'q\' \\"d\\" \\u005d\\u007d\\u007d/../..")';
  assert.deepEqual(entry.instances[1]?.name, shown);
  assert.match(stderr, /report +\| \["linux","linux","linux","macos","macos"\]/);
});

test('logs are named by the id of a combination', async (t) => {
  const sandbox = new Sandbox(t);
  const { result } = await sandbox.exec(MATRIX, ['--state-dir', 'state']);
  const logs = readdirSync(join(sandbox.folder, 'state', 'runs', result?.id ?? '', 'logs')).filter((name) =>
    name.endsWith('.log'),
  );
  const ids = result?.results.test?.instances?.map(({ id }) => id.slice((result.id ?? '').length + 1)) ?? [];
  assert.deepEqual(logs.sort(), [...ids, 'report'].map((id) => `${id}.1.log`).sort());
  for (const id of ids) assert.match(id, /^test\.[0-9a-f]{6}$/);
});

test('one combination is run alone, and the summary counts combinations', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('test.yml', MATRIX);
  const { code, stdout } = await sandbox.run(['exec', 'test.yml', '--only', 'test(value=24,os=linux)']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /run 1, 6 tasks/);
  assert.match(stdout, /^test\(os=linux,value=24\) +\| test on linux$/m);
  assert.match(stdout, /^test +> success$/m);
  assert.match(stdout, /: 1 success, 5 not selected$/m);
  const wrong = await sandbox.run(['exec', 'test.yml', '--only', 'test(os=linux,value=25)']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /task "test" has no such combination; it has test\(os=linux,/);
});

test('a failing combination fails the task, shows its own lines, and starts the handler', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write(
    'test.yml',
    `
taskGroup:
  - { name: test, matrix: { code: [0, 3] }, run: "echo leaving with {{ matrix.code }}; exit {{ matrix.code }}" }
  - { name: handler, run: echo handled, depends_on: [{ task: test, when: failure }] }
`,
  );
  const { code, stdout } = await sandbox.run(['exec', 'test.yml']);
  assert.equal(code, 1);
  assert.match(stdout, /^test +> failed \(exit_code\): 1 of 2 combinations failed: exit code 3$/m);
  assert.match(stdout, /last lines of test\(code=3\)\n.*leaving with 3/);
  assert.match(stdout, /1 failed, 2 success$/m);
});

test('a signal ends every combination', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write(
    'test.yml',
    'taskGroup: [{ name: t, matrix: { n: [1, 2, 3], max_parallel: 1 }, run: "echo up; sleep 100" }]\n',
  );
  const child = sandbox.start(['exec', 'test.yml', '--json']);
  const ended = finished(child);
  await printed(child, 'up');
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  assert.equal(code, 130);
  const { t: entry } = JSON.parse(stdout).results;
  assert.deepEqual([entry.status, entry.message], ['cancelled', '3 of 3 combinations cancelled']);
});
