import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { Sandbox } from '../support/program.ts';

test('a script and an argv run, and the result names every task', async (t) => {
  const { code, result } = await new Sandbox(t).exec(`
taskGroup:
  - { name: script, run: "echo one; false | true; echo not reached" }
  - { name: argv, type: os_exec, spec: { command: [/bin/sh, -c, "exit 4"] } }
  - { name: after, run: "true", depends_on: argv }
`);
  assert.equal(code, 1);
  assert.equal(result?.status, 'failed');
  assert.equal(result.results.script?.reason, 'exit_code');
  assert.equal(result.results.argv?.exit_code, 4);
  assert.deepEqual([result.results.after?.status, result.results.after?.reason], ['skipped', 'dependency']);
  assert.equal(result.results.after?.exit_code, null);
});

test('exports reach the task that imports them, and only global ones reach the result', async (t) => {
  const { code, result, stderr } = await new Sandbox(t).exec(`
taskGroup:
  - name: make
    run: |
      echo "plain=a&b<c>'\\"=# not a comment" >> "$OUTPUT_FILE"
      printf 'many<<EOF\\nfirst\\n\\nlast\\nEOF\\n' >> "$OUTPUT_FILE"
      echo "private=secret thing" >> "$OUTPUT_FILE"
    exports: [{ name: plain, scope: global }, { name: many }]
  - name: use
    imports: [{ from: make, variable: plain }, { from: make, variable: many }]
    run: |
      echo "got={{ make.plain }}" >> "$OUTPUT_FILE"
      test '{{ .make.many }}' = "$(printf 'first\\n\\nlast')"
    exports: [{ name: got, scope: global }]
`);
  assert.equal(code, 0, stderr);
  assert.deepEqual({ ...result?.results.make?.outputs }, { plain: 'a&b<c>\'"=# not a comment' });
  assert.equal(result?.results.use?.outputs.got, 'a&b<c>\'"=# not a comment');
});

test('a declared export that is missing fails the task, unless it is optional', async (t) => {
  const { result } = await new Sandbox(t).exec(`
taskGroup:
  - { name: forgetful, run: "true", exports: [{ name: a }, { name: b, optional: true }] }
  - { name: fine, run: "true", exports: [{ name: b, optional: true }] }
  - { name: garbled, run: 'echo "no equals sign" > "$OUTPUT_FILE"', exports: [{ name: a }] }
`);
  assert.equal(result?.results.forgetful?.reason, 'missing_output');
  assert.match(result.results.forgetful?.message ?? '', /"a"/);
  assert.equal(result.results.fine?.status, 'success');
  assert.equal(result.results.garbled?.reason, 'bad_output');
  assert.match(result.results.garbled?.message ?? '', /line 1/);
});

test('a value is never shell text', async (t) => {
  const sandbox = new Sandbox(t);
  const hostile = `$(touch pwned)\`touch pwned\`'; touch pwned; "$(touch pwned)\nsecond line\n#`;
  const { result, stderr } = await sandbox.exec(
    `
inputs: { text: { type: string } }
taskGroup:
  - name: echo
    run: |
      { echo "out<<EOF"; printf '%s\\n' {{ inputs.text }}; echo EOF; } >> "$OUTPUT_FILE"
      test "{{ inputs.text }}" = '{{ inputs.text }}'
    exports: [{ name: out, scope: global }]
`,
    ['--input', `text=${hostile}`],
  );
  assert.equal(result?.status, 'success', stderr);
  assert.equal(result.results.echo?.outputs.out, hostile);
  assert.deepEqual(
    readdirSync(sandbox.folder).filter((name) => name === 'pwned'),
    [],
  );
});

test('secrets are masked in the output, the log and the result', async (t) => {
  const sandbox = new Sandbox(t);
  const { stdout, stderr, result } = await sandbox.exec(
    `
secrets: [TOKEN]
taskGroup:
  - name: leak
    env: { TOKEN: "{{ secrets.TOKEN }}" }
    run: |
      echo "it is $TOKEN"
      printf %s "$TOKEN" | base64
      printf 'hunter2'; printf ' two\\n' >&2
      echo "derived=x-$TOKEN" >> "$OUTPUT_FILE"
      echo "made=fresh-password-9" >> "$OUTPUT_FILE"
      echo "and fresh-password-9"
    exports: [{ name: derived, scope: global }, { name: made, scope: global, confidential: true }]
`,
    ['--secret', 'TOKEN', '--state-dir', 'state'],
    { TOKEN: 'hunter2-hunter2' },
  );
  assert.equal(result?.status, 'success', stderr);
  assert.equal(result.results.leak?.outputs.derived, '***');
  assert.equal(result.results.leak?.outputs.made, '***');
  const kept = readdirSync(join(sandbox.folder, 'state'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  for (const text of [stdout, stderr, ...kept]) {
    for (const form of ['hunter2-hunter2', 'aHVudGVyMi1odW50ZXIy', 'fresh-password-9'])
      assert.ok(!text.includes(form), text);
  }
  assert.match(stderr, /it is \*\*\*/);
});

test('the environment holds what the design lists and nothing else', async (t) => {
  const sandbox = new Sandbox(t);
  const { result } = await sandbox.exec(
    `
env: { LAYER: workflow, SHARED: "{{ run.number }}" }
taskGroup:
  - name: look
    env: { LAYER: task }
    run: |
      { echo "env<<EOF"; env | sort; echo EOF; } >> "$OUTPUT_FILE"
      ls -l /proc/self/fd > fds.txt
    exports: [{ name: env, scope: global }]
`,
    ['--env', 'LAYER=runtime', '--env', 'EXTRA=1'],
    { CANARY: 'visible?', NODE_OPTIONS: '--no-warnings' },
  );
  const env = String(result?.results.look?.outputs.env);
  const names = env.split('\n').map((line) => line.split('=')[0]);
  const own = ['CI', 'EXTRA', 'HOME', 'LANG', 'LAYER', 'OUTPUT_FILE', 'PATH', 'SHARED'];
  const system = [
    'ATTEMPT',
    'EVENT_NAME',
    'EVENT_PATH',
    'RUN_ID',
    'RUN_NUMBER',
    'SCHEDULED_AT',
    'TASK',
    'TASK_ID',
    'TASK_IMAGE',
    'WORKFLOW',
    'WORKSPACE',
  ];
  const shell = ['PWD', 'SHLVL', '_', 'OLDPWD'];
  const expected = [...own, ...system.map((name) => `RUNNER_${name}`)];
  const seen = names.filter((name) => name !== undefined && !shell.includes(name));
  assert.deepEqual(seen.sort(), expected.sort());
  assert.match(env, /^LAYER=task$/m);
  // What the program was started with beyond stderr is mapped to the null device; the last one is the folder being listed.
  const links = [...sandbox.read('fds.txt').matchAll(/ (\d+) -> (.*)$/gm)].filter(([, fd]) => Number(fd) > 2);
  assert.deepEqual(links.filter(([, , target]) => target !== '/dev/null').length, 1);
});

test('inputs are typed, checked and defaulted', async (t) => {
  const yaml = `
inputs:
  count: { type: number, default: 2 }
  mode: { type: string, enum: [fast, slow], default: fast }
  dry: { type: boolean, default: false }
taskGroup:
  - name: show
    if: not inputs.dry
    run: echo "seen={{ inputs.count }}-$(( {{ inputs.count }} + 1 ))-{{ inputs.mode }}" >> "$OUTPUT_FILE"
    exports: [{ name: seen, scope: global }]
`;
  const sandbox = new Sandbox(t);
  const plain = await sandbox.exec(yaml);
  assert.equal(plain.result?.results.show?.outputs.seen, '2-3-fast', plain.stderr);
  const given = await sandbox.exec(yaml, ['--input', 'count=41', '--input', 'mode=slow']);
  assert.equal(given.result?.results.show?.outputs.seen, '41-42-slow');
  const skipped = await sandbox.exec(yaml, ['--input', 'dry=true']);
  assert.deepEqual([skipped.code, skipped.result?.results.show?.reason], [0, 'condition']);
  for (const [input, message] of [
    ['count=many', /wants a number/],
    ['mode=odd', /one of fast, slow/],
    ['speed=1', /no input "speed".*count, mode, dry/s],
    ['count', /--input/],
  ] as const) {
    const { code, stderr, stdout } = await sandbox.run(['exec', 'test.yml', '--input', input]);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.equal(stdout, '');
  }
});

test('--only runs the tasks named, and refuses what cannot work', async (t) => {
  const yaml = `
taskGroup:
  - { name: a, run: "true" }
  - { name: b, run: "true", depends_on: a }
  - { name: c, run: "true" }
`;
  const sandbox = new Sandbox(t);
  const { code, result } = await sandbox.exec(yaml, ['--only', 'a,b']);
  assert.equal(code, 0);
  assert.deepEqual([result?.results.b?.status, result?.results.c?.reason], ['success', 'not_selected']);
  const lacking = await sandbox.run(['exec', 'test.yml', '--only', 'b']);
  assert.equal(lacking.code, 2);
  assert.match(lacking.stderr, /"b" needs "a".*--only a,b/s);
  const unknown = await sandbox.run(['exec', 'test.yml', '--only', 'bb']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no task "bb".*a, b, c/s);
});

test('a declared secret that is not given is refused before anything starts', async (t) => {
  const sandbox = new Sandbox(t);
  const { code, stderr } = await sandbox.exec('secrets: [TOKEN]\ntaskGroup: [{ name: a, run: "touch started" }]\n');
  assert.equal(code, 2);
  assert.match(stderr, /TOKEN.*--secret TOKEN/s);
  assert.ok(!readdirSync(sandbox.folder).includes('started'));
});

test('an event file is the payload, as context and as a file', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write(
    'event.json',
    JSON.stringify({ ref: 'refs/heads/main', after: 'abc', repository: { full_name: 'acme/site' } }),
  );
  const { result, stderr } = await sandbox.exec(
    `
taskGroup:
  - name: look
    if: eq trigger.branch "main"
    run: |
      cmp "$RUNNER_EVENT_PATH" event.json
      echo "seen={{ trigger.event }} {{ trigger.repository }} {{ trigger.payload.after }}" >> "$OUTPUT_FILE"
    exports: [{ name: seen, scope: global }]
`,
    ['--event', 'event.json'],
  );
  assert.equal(result?.results.look?.outputs.seen, 'push acme/site abc', stderr);
});

test('result_file keeps the first 10 KiB of a success', async (t) => {
  const { result } = await new Sandbox(t).exec(`
taskGroup:
  - { name: short, run: "printf done > out.txt", result_file: out.txt }
  - { name: long, run: "head -c 20000 /dev/zero | tr '\\\\0' x > long.txt", result_file: long.txt }
  - { name: none, run: "true", result_file: nothing.txt }
`);
  assert.equal(result?.results.short?.result, 'done');
  assert.equal(result?.results.long?.result?.length, 10_240);
  assert.equal(result?.results.long?.result_truncated, true);
  const { none } = result?.results ?? {};
  assert.deepEqual([none?.result, none?.notes], [undefined, ['result_file "nothing.txt" was not written']]);
});

test('a result_file is read in the workspace only, wherever links lead', async (t) => {
  const sandbox = new Sandbox(t);
  const outside = new Sandbox(t);
  outside.write('note', 'not yours');
  const { result } = await sandbox.exec(`
taskGroup:
  - { name: inside, run: "mkdir a; ln -s a b; echo mine > a/note", result_file: b/note }
  - { name: file, run: "ln -s ${outside.folder}/note c", result_file: c }
  - { name: folder, run: "ln -s ${outside.folder} d", result_file: d/note }
  - { name: work, run: "true", working_dir: d, result_file: note, depends_on: folder }
  - { name: chosen, run: "true", working_dir: ${outside.folder}, result_file: note }
`);
  const results = Object.values(result?.results ?? {}).map(({ name, result: text, notes }) => [name, text ?? notes]);
  assert.deepEqual(Object.fromEntries(results), {
    inside: 'mine\n',
    file: ['result_file "c" cannot be read: ELOOP'],
    folder: ['result_file "d/note" is not in the workspace'],
    work: ['result_file "note" is not in the workspace'],
    chosen: 'not yours',
  });
});

test('a confidential export stays masked when its task fails, and when another prints it', async (t) => {
  const { stdout, stderr } = await new Sandbox(t).exec(`
taskGroup:
  - name: fails
    run: |
      echo "token=fresh-password-1" >> "\${OUTPUT_FILE}_fails"
      echo "first fresh-password-1"
      echo fresh-password-1 > left-behind.txt
      exit 1
    exports: [{ name: token, confidential: true, scope: global }]
  - { name: prints, run: "cat left-behind.txt; rm left-behind.txt", depends_on: [{ task: fails, when: failure }] }
`);
  assert.ok(!`${stdout}${stderr}`.includes('fresh-password'), stderr);
  assert.match(stderr, /prints +\| \*\*\*/);
});

for (const [without, env] of [
  ['', {}],
  [' where koffi is not installed', { NODE_OPTIONS: `--require=${resolve('test/support/no-koffi.cjs')}` }],
] as const) {
  test(`many tasks end as they should, however they were started${without}`, async (t) => {
    const task = (index: number) =>
      index % 7 === 3
        ? `- { name: t${index}, run: 'kill -SEGV $$', continue_on_error: true }`
        : `- { name: t${index}, run: 'echo v=${index} >> "$OUTPUT_FILE"', exports: [{ name: v, scope: global }] }`;
    const tasks = Array.from({ length: 80 }, (_, index) => task(index));
    const { code, result, stderr } = await new Sandbox(t).exec(`taskGroup:\n${tasks.join('\n')}\n`, [], env);
    assert.equal(code, 0, stderr);
    for (let index = 0; index < 80; index++) {
      const { reason, outputs } = result?.results[`t${index}`] ?? {};
      if (index % 7 === 3) assert.equal(reason, 'signal');
      else assert.equal(outputs?.v, String(index));
    }
  });
}
