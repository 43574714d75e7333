import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sandbox } from '../support/program.ts';

// The examples of the founding documents that need no container and no plugin, as they are written there but for their typos.

test("Runner's sample: a confidential value is imported, masked in the log and kept out of the result", async (t) => {
  const { code, stderr, result } = await new Sandbox(t).exec(`
taskGroup:
- name: foo
  type: os_exec
  spec:
    command: |
      secret=$(echo open-sesame);
      echo "password=\${secret}" > \${OUTPUT_FILE}_foo;
  exports:
  - name: password
    confidential: true
    scope: local
- name: bar
  type: os_exec
  spec:
    command: ["/bin/bash", "-c", "echo '{{ .foo.password }}' $key"]
    env:
      key: value
  depends_on: foo
  imports:
  - from: foo
    variable: password
`);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /bar +\| \*\*\* value\n/);
  assert.deepEqual(result?.results.foo?.outputs, {});
});

test("Runner's expression sample: the misspelt type and the unquoted template are mended, then it runs", async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write(
    'sample.yml',
    `taskGroup:
- name: foo
  type: os_exec
  spec:
    command: echo 'greeting=Hello \\{{ .who.name }}' > $OUTPUT_FILE
  exports:
  - name: greeting
- name: who
  type: os_exec
  spec:
    command: ["sh", "-c", "echo name=you > $OUTPUT_FILE"]
  exports:
  - name: name
- name: eval
  type: expression_evalation
  spec:
    string_to_evaluate: {{ .foo.greeting }}
  imports:
  - from: foo
    variable: greeting
  - from: who
    variable: name
  exports:
  - name: result
    scope: global
`,
  );
  assert.equal((await sandbox.run(['validate', 'sample.yml'])).code, 2);
  const fixed = await sandbox.run(['validate', '--fix', 'sample.yml']);
  assert.equal(fixed.code, 0, fixed.stderr);
  const { code, stdout } = await sandbox.run(['exec', 'sample.yml', '--json']);
  assert.equal(code, 0, stdout);
  assert.equal(JSON.parse(stdout).results.eval.outputs.result, 'Hello you');
});

test("Runner's cache sample: a task with a constant key is not run a second time", async (t) => {
  const sandbox = new Sandbox(t);
  const text = `
taskGroup:
- name: fetch
  type: os_exec
  cache:
    key: secret-of-today
  spec:
    command: echo "secret=s3cr3t-value" > $OUTPUT_FILE
  exports:
  - name: secret
    confidential: true
    scope: global
`;
  const first = await sandbox.exec(text);
  const second = await sandbox.exec(text);
  const cached = [first, second].map(({ stdout }) => JSON.parse(stdout).results.fetch.cached);
  assert.deepEqual(cached, [false, true]);
  assert.equal(second.result?.results.fetch?.outputs.secret, '***');
});

test("Drove's task fields: name, arguments, environment, tags, files, a result file and a time limit", async (t) => {
  const { code, stderr, result } = await new Sandbox(t).exec(`
taskGroup:
- name: task
  run: |
    cat settings.json
    echo "$CORES $1 of {{ inputs.parts }}"
    echo done > result.txt
  env: { CORES: 5 }
  tags: { superSpecialApp: "yes" }
  files:
    - { path: settings.json, base64: eyJhIjoxfQ== }
  result_file: result.txt
  timeout: 15m
  log: { max_size: 10MiB }
inputs: { parts: { type: number, default: 2 } }
`);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /\{"a":1\}5 +of 2/);
  assert.equal(result?.results.task?.result, 'done\n');
});

test("Gofer's first pipeline: tasks that wait for others, in any order, and one that waits for whatever happens", async (t) => {
  const { code, stderr, result } = await new Sandbox(t).exec(`
name: Simple Pipeline
taskGroup:
- name: last
  run: echo "after {{ two.value }}"
  depends_on: [{ task: one, when: any }]
  imports: [{ from: two, variable: value }]
- name: two
  run: echo "value=2" >> "$OUTPUT_FILE"
  depends_on: [{ task: one, when: failure }]
  exports: [{ name: value, scope: global }]
- name: one
  run: exit 1
`);
  assert.equal(code, 1, stderr);
  assert.deepEqual(
    Object.values(result?.results ?? {}).map(({ name, status }) => `${name} ${status}`),
    ['last success', 'two success', 'one failed'],
  );
});
