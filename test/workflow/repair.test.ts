import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isUsable } from '../../src/model/diagnostic.ts';
import { repair } from '../../src/workflow/repair.ts';
import { TEST_TYPES } from '../support/task-types.ts';

const golden = 'test/golden/';

async function mend(content: string | Uint8Array) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const source = { file: 'test.yml', id: 'test', bytes };
  const result = await repair(source, { types: TEST_TYPES, dialect: 'bash' });
  const places = result.repairs.map(({ place, code }) => `${place.line}:${place.column} ${code}`);
  return { ...result, text: Buffer.from(result.bytes).toString(), places, valid: isUsable(result.loaded.diagnostics) };
}

test('the published seed sample becomes valid, one repair per defect', async () => {
  const before = readFileSync(`${golden}seed/sample.yaml`);
  const { text, places, valid } = await mend(before);
  assert.equal(text, SEED);
  assert.ok(valid);
  assert.equal(new Set(places).size, 19);
});

const SEED = `taskGroup: 
- name: foo
  type: os_exec
  spec:
    command: |
      secret=curl https://vault...;
      echo "password=\${secret}" > \${OUTPUT_FILE}_foo;
  exports:
  - name: password
    confidential: true
    scope: local
- name: bar
  type: os_exec
  spec:
    command: ["/bin/bash", "-c", "echo '{{ .foo.password }}'"]
    env:
      key: value
  depends_on: foo
  imports:
  - from: foo
    variable: password
`;

const TASK = '\ntaskGroup:\n  - name: a\n    run: x\n';

for (const [what, before, after] of [
  ['a comment line with two slashes', `// made by hand${TASK}`, `# made by hand${TASK}`],
  ['such a line with a colon in it', `// note: this${TASK}`, `# note: this${TASK}`],
  [
    'such a line within a task',
    'taskGroup:\n  - name: a\n    // why\n    run: x\n',
    'taskGroup:\n  - name: a\n    # why\n    run: x\n',
  ],
  ['a comment with slashes after true', `fail_fast: true  // it is${TASK}`, `fail_fast: true  # it is${TASK}`],
  ['the same without a space', `fail_fast: false//it is${TASK}`, `fail_fast: false #it is${TASK}`],
  [
    'a missing colon before the list',
    'name: x\ntaskGroup\n# here\n- name: a\n  run: x\n',
    'name: x\ntaskGroup:\n# here\n- name: a\n  run: x\n',
  ],
  ['a missing space after a colon', 'taskGroup:\n  - name:a\n    run: x\n', 'taskGroup:\n  - name: a\n    run: x\n'],
  ['words of YAML 1.1 for booleans', `fail_fast: YES # sure${TASK}`, `fail_fast: true # sure${TASK}`],
  ['a quoted boolean', `fail_fast: "false"${TASK}`, `fail_fast: false${TASK}`],
  ['a number where text is wanted', `name: 1.10${TASK}`, `name: "1.10"${TASK}`],
  ['one word where a list is wanted', `secrets: TOKEN${TASK}`, `secrets: [TOKEN]${TASK}`],
  [
    'other spellings of keys',
    'task-group:\n  - name: a\n    run: x\n    continueOnError: true\n',
    'taskGroup:\n  - name: a\n    run: x\n    continue_on_error: true\n',
  ],
  [
    'a value in capitals',
    `${TASK.trim()}\n    exports: [{ name: v, scope: Global }]\n`,
    `${TASK.trim()}\n    exports: [{ name: v, scope: global }]\n`,
  ],
  [
    'a brace that is missing',
    `name: x${TASK.replace('run: x', "run: echo '{{ .workflow.id }'")}`,
    `name: x${TASK.replace('run: x', "run: echo '{{ .workflow.id }}'")}`,
  ],
  [
    'a dollar before a template',
    TASK.replace('run: x', 'run: echo ${{ workflow.id }}'),
    TASK.replace('run: x', 'run: echo {{ workflow.id }}'),
  ],
  ['env as a list in a row', `env: [{ A: "1" }, { B: "2" }]${TASK}`, `env: { A: "1" ,  B: "2" }${TASK}`],
  [
    'env as a list of lines',
    `env:\n  - A: "1" # one\n    B: "2"\n  - C: "3"${TASK}`,
    `env:\n    A: "1" # one\n    B: "2"\n    C: "3"${TASK}`,
  ],
] as const) {
  test(`mends ${what}`, async () => {
    const { text, valid, loaded } = await mend(before);
    assert.equal(text, after);
    assert.ok(valid, JSON.stringify(loaded.diagnostics));
  });
}

for (const [what, text] of [
  ['a key that is only nearly known', `tiemout: 5m${TASK}`],
  [
    'a key of another spelling beside the right one',
    'taskGroup:\n  - { name: a, run: x, dependsOn: [], depends_on: [] }\n',
  ],
  ['a number that would not become a duration', `timeout: 5${TASK}`],
  ['an env list that names a variable twice', `env:\n  - A: "1"\n  - A: "2"${TASK}`],
  [
    'an env list beside an env',
    'taskGroup:\n  - name: a\n    type: os_exec\n    spec: { command: x, env: { A: b }, envs: [{ B: c }] }\n',
  ],
  ['a word where a list of mappings is wanted', `${TASK.trim()}\n    exports: version\n`],
  ['slashes in a script', 'taskGroup:\n  - name: a\n    run: |\n      // no comment\n      true || no\n'],
  ['a comma in a command', 'taskGroup:\n  - name: a\n    run: echo one,\n'],
  ['no-break spaces in a value', 'name: "a\u00a0b"\ntaskGroup:\n  - name: a\n    run: echo \u00a0\n'],
  ['tabs, whose width is a guess', 'taskGroup:\n\t- name: a\n\t  run: x\n'],
  ['a parenthesis that belongs to a call', TASK.replace('run: x', 'run: echo "{{ upper (trim workflow.id )}"')],
] as const) {
  test(`leaves alone ${what}`, async () => {
    assert.equal((await mend(text)).text, text);
  });
}

test('a byte order mark and the line ends of Windows stay', async () => {
  const { bytes, repairs } = await mend('\ufefffail_fast: yes\r\ntaskGroup:\r\n  - name: a,\r\n    run: x\r\n');
  assert.equal(repairs.length, 2);
  const expected = '\ufefffail_fast: true\r\ntaskGroup:\r\n  - name: a\r\n    run: x\r\n';
  assert.deepEqual(Buffer.from(bytes), Buffer.from(expected));
});

test('every repair is found in one go or comes out by and by', async () => {
  const { text, valid } = await mend('taskGroup\n- name: a,\n  // first\n  run: ["x" "y"],\n');
  assert.equal(text, 'taskGroup:\n- name: a\n  # first\n  run: ["x", "y"]\n');
  assert.equal(valid, false);
});

test('whatever the file, a second repair does nothing, and no line moves', async () => {
  for (const name of readdirSync(`${golden}err`).filter((file) => file.endsWith('.yaml'))) {
    const before = readFileSync(`${golden}err/${name}`);
    const once = await mend(before);
    const twice = await mend(once.bytes);
    assert.deepEqual(twice.places, [], name);
    assert.equal(twice.bytes, once.bytes, name);
    assert.equal(once.text.split('\n').length, before.toString().split('\n').length, name);
  }
});

test('a file without mistakes is not touched', async () => {
  for (const name of readdirSync(`${golden}ok`)) {
    const bytes = readFileSync(`${golden}ok/${name}`);
    assert.equal((await mend(bytes)).bytes, bytes, name);
  }
});
