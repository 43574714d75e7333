import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';
import { Sandbox } from '../support/program.ts';
import { until } from '../support/until.ts';

/** A sandbox with plugins beside its workflows. They find its folder in `FOLDER`. */
function sandboxWith(t: TestContext, plugins: Readonly<Record<string, string>>): DaemonSandbox {
  const sandbox = new DaemonSandbox(t);
  mkdirSync(join(sandbox.folder, 'plugins'));
  for (const [name, text] of Object.entries(plugins)) {
    const head = `import { appendFileSync, existsSync, readFileSync } from 'node:fs';\nconst FOLDER = '${sandbox.folder}';\n`;
    writeFileSync(join(sandbox.folder, 'plugins', name), head + text);
  }
  return sandbox;
}

function linesOf({ folder }: DaemonSandbox, name: string): string[] {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

const TELL = `
export default {
  api: 1,
  notifiers: [{
    type: 'tell',
    schema: { type: 'object', required: ['to'], properties: { to: { type: 'string' } }, additionalProperties: false },
    async notify(notice) {
      if (existsSync(FOLDER + '/deaf')) throw new Error('nobody listens');
      appendFileSync(FOLDER + '/told', JSON.stringify(notice) + '\\n');
    },
  }],
};
`;

test('a notifier is told of the ends it is for, with its spec rendered', async (t) => {
  const sandbox = sandboxWith(t, { 'tell.js': TELL });
  sandbox.write(
    'work',
    `inputs: { code: { default: "0" } }
secrets: [ROOM]
notify:
  - { type: tell, when: [failure, recovery], spec: { to: "{{ secrets.ROOM }} of {{ workflow.id }}" } }
taskGroup:
  - { name: a, run: 'echo "word=hello" >> "$OUTPUT_FILE"; exit {{ inputs.code }}', exports: [{ name: word, scope: global }] }
`,
  );
  const daemon = await sandbox.start();
  await sandbox.cli(['secret', 'set', 'ROOM'], 'the-lounge');
  const ids: string[] = [];
  for (const code of ['0', '3', '0', '0']) {
    const { body } = await daemon.ask('POST', '/api/v1/workflows/work/runs', { inputs: { code } });
    ids.push(body.id);
    await daemon.wait(body.id);
  }
  await until(() => linesOf(sandbox, 'told').length === 2);
  const told = linesOf(sandbox, 'told').map((line) => JSON.parse(line));
  assert.deepEqual(
    told.map(({ id, when, run }) => [id, when, run.id, run.status]),
    [
      [`${ids[1]}/0`, 'failure', ids[1], 'failed'],
      [`${ids[2]}/0`, 'recovery', ids[2], 'success'],
    ],
  );
  assert.deepEqual(told[0].spec, { to: 'the-lounge of work' });
  assert.deepEqual([told[1].run.number, told[1].run.results.a.outputs], [3, { word: 'hello' }]);
  assert.match(String((await daemon.ask('GET', '/metrics')).body), /runner_notices_total\{outcome="told"\} 2/);
});

test('a notice that was not delivered is delivered by the next daemon, and harms no run', async (t) => {
  const sandbox = sandboxWith(t, { 'tell.js': TELL });
  sandbox.write('work', 'notify: [{ type: tell, spec: { to: me } }]\ntaskGroup: [{ name: a, run: "true" }]\n');
  sandbox.touch('deaf');
  const daemon = await sandbox.start();
  const run = await daemon.wait(await daemon.run('work'));
  assert.equal(run.status, 'success');
  const failure = await daemon.said('a notifier failed; it is tried again');
  assert.deepEqual([failure.notifier, failure.problem, failure.run], ['tell', 'Error: nobody listens', run.id]);
  await daemon.kill();
  rmSync(join(sandbox.folder, 'deaf'));
  await sandbox.start();
  await until(() => linesOf(sandbox, 'told').length === 1);
  assert.equal(JSON.parse(linesOf(sandbox, 'told')[0] ?? '').run.id, run.id);
});

const WATCH = `
export default {
  api: 1,
  triggers: [{
    kind: 'lines',
    schema: { type: 'object', required: ['file'], properties: { file: { type: 'string' } }, additionalProperties: false },
    async watch({ file }, { signal, fire }) {
      const seen = new Set();
      while (!signal.aborted) {
        const path = FOLDER + '/' + file;
        for (const id of existsSync(path) ? readFileSync(path, 'utf8').split('\\n').filter(Boolean) : []) {
          if (id === 'die') process.exit(7);
          if (seen.has(id)) continue;
          await fire({ id, event: 'line', payload: { text: id } });
          seen.add(id);
          appendFileSync(FOLDER + '/acks', id + '\\n');
        }
        await new Promise((later) => setTimeout(later, 5));
      }
    },
  }],
};
`;

const LINES = `on: { lines: [{ file: input }] }
taskGroup: [{ name: a, run: 'echo {{ trigger.event }} {{ trigger.payload.text }} >> "$RUNNER_WORKSPACE/../../../../ledger"' }]
`;

test('a trigger fires each occasion once, whoever is killed in between', async (t) => {
  const sandbox = sandboxWith(t, { 'watch.js': WATCH });
  sandbox.write('work', LINES);
  writeFileSync(join(sandbox.folder, 'input'), 'one\n');
  const daemon = await sandbox.start();
  await until(() => linesOf(sandbox, 'acks').length === 1);
  await idle(daemon, 1);
  await daemon.kill();
  writeFileSync(join(sandbox.folder, 'input'), 'one\ntwo\n');
  const next = await sandbox.start();
  await until(() => linesOf(sandbox, 'acks').length === 3);
  // Its process ends, and is begun again.
  writeFileSync(join(sandbox.folder, 'input'), 'one\ntwo\ndie\n');
  const stopped = await next.said('a trigger has stopped watching; it begins again');
  assert.deepEqual([stopped.trigger, stopped.problem], ['lines', 'its process died: exit code 7']);
  writeFileSync(join(sandbox.folder, 'input'), 'one\ntwo\nthree\n');
  await until(() => linesOf(sandbox, 'acks').includes('three'));
  const runs = await idle(next, 3);
  assert.deepEqual(
    runs.map(({ initiator, status }) => `${initiator} ${status}`),
    Array(3).fill('plugin success'),
  );
  assert.deepEqual(sandbox.ledgerLines().sort(), ['line one', 'line three', 'line two']);
  const { stdout } = await sandbox.cli(['why', 'work']);
  assert.match(stdout, /lines/);
});

test('a mistake in an entry of a trigger has its place, and an unknown trigger is told', async (t) => {
  const sandbox = new Sandbox(t);
  mkdirSync(join(sandbox.folder, 'plugins'));
  sandbox.write('plugins/watch.js', WATCH);
  sandbox.write('plugins/tell.js', TELL);
  const wrong = sandbox.write(
    'wrong.yml',
    'on:\n  lines:\n    - { fil: x }\n  line: []\nnotify:\n  - { type: tell, spec: { too: me } }\n  - { type: shout }\ntaskGroup: [{ name: a, run: "true" }]\n',
  );
  const { code, stderr } = await sandbox.run(['validate', wrong]);
  assert.equal(code, 2);
  assert.match(stderr, /wrong\.yml:3:9: error: unknown key "fil" in an entry of lines; did you mean "file"\?/);
  assert.match(stderr, /wrong\.yml:4:3: error: unknown key "line" in "on"; did you mean "lines"\? \[unknown-trigger\]/);
  assert.match(stderr, /wrong\.yml:6:27: error: unknown key "too" in the spec of tell; did you mean "to"\?/);
  assert.match(stderr, /wrong\.yml:7:13: error: there is no notifier "shout" \[unknown-type\]/);
});

const KNOWS = `
export default {
  api: 1,
  secrets: {
    async get(names, { workflow }) {
      appendFileSync(FOLDER + '/asked', names.join() + ' for ' + workflow + '\\n');
      if (existsSync(FOLDER + '/sealed')) throw new Error('the vault is sealed');
      return { TOKEN: 'hunter2-' + readFileSync(FOLDER + '/version', 'utf8'), OTHER: 'unasked' };
    },
  },
};
`;

const SECRETS = `secrets: [TOKEN, OWN]
taskGroup:
  - name: a
    run: |
      echo start {{ secrets.TOKEN }} {{ secrets.OWN }}
      while [ ! -e go ]; do sleep 0.02; done
  - { name: b, depends_on: a, run: 'printf %s {{ secrets.TOKEN }} | tr a-z A-Z' }
`;

test('a plugin gives the secrets that are not stored, masked, and the same ones after kill -9', async (t) => {
  const sandbox = sandboxWith(t, { 'knows.js': KNOWS });
  writeFileSync(join(sandbox.folder, 'version'), 'old');
  sandbox.write('work', SECRETS);
  const daemon = await sandbox.start();
  await sandbox.cli(['secret', 'set', 'OWN'], 'stored-value');
  const { body: workflow } = await daemon.ask('GET', '/api/v1/workflows/work');
  assert.deepEqual(
    workflow.diagnostics.filter(({ code }: { code: string }) => code === 'secret-not-stored'),
    [],
  );
  const id = await daemon.run('work');
  await until(() => linesOf(sandbox, `state/runs/${id}/logs/a.1.log`).length > 0);
  assert.equal(linesOf(sandbox, `state/runs/${id}/logs/a.1.log`)[0], 'start *** ***');
  assert.doesNotMatch(readFileSync(join(sandbox.stateDir, 'runs', id, 'secrets'), 'latin1'), /hunter2/);
  await daemon.kill();
  writeFileSync(join(sandbox.folder, 'version'), 'new');
  const next = await sandbox.start();
  sandbox.touchIn(join(sandbox.stateDir, 'runs', id, 'workspace'), 'go');
  assert.equal((await next.wait(id)).status, 'success');
  assert.equal(linesOf(sandbox, `state/runs/${id}/logs/b.1.log`)[0], 'HUNTER2-OLD');
  assert.deepEqual(linesOf(sandbox, 'asked'), ['TOKEN for work']);
  await until(() => !existsSync(join(sandbox.stateDir, 'runs', id, 'secrets')));
});

test('a run whose secret nobody knows, or whose plugin fails, says so and starts nothing', async (t) => {
  const sandbox = sandboxWith(t, { 'knows.js': KNOWS });
  writeFileSync(join(sandbox.folder, 'version'), '1');
  sandbox.write('work', 'secrets: [TOKEN]\ntaskGroup: [{ name: a, run: "true" }]\n');
  sandbox.write('gone', 'secrets: [NOBODY]\ntaskGroup: [{ name: a, run: "true" }]\n');
  sandbox.touch('sealed');
  const daemon = await sandbox.start();
  const failed = await daemon.wait(await daemon.run('work'));
  assert.equal(failed.status, 'failed');
  assert.match(failed.results.a.message, /the secrets of the plugin "knows" cannot be had: Error: the vault is sealed/);
  rmSync(join(sandbox.folder, 'sealed'));
  const gone = await daemon.wait(await daemon.run('gone'));
  assert.match(gone.results.a.message, /secret NOBODY is declared but not stored, and no plugin knows it/);
  assert.deepEqual([failed.results.a.attempts, gone.results.a.attempts], [0, 0]);
});

/** Resolves with the runs once there are so many and all are over. */
async function idle(daemon: RunningDaemon, count: number) {
  let runs: readonly { readonly id: string; readonly initiator: string; readonly status: string }[] = [];
  const look = async (): Promise<boolean> => {
    runs = (await daemon.ask('GET', '/api/v1/runs')).body.runs;
    return runs.length >= count && runs.every(({ status }) => status !== 'running' && status !== 'queued');
  };
  await until(look);
  return runs;
}

const HELPERS = `
export default {
  api: 1,
  helpers: {
    reverse: (text) => [...text].reverse().join(''),
    async twice(number) { return 2 * Number(number); },
    today: () => '2030-01-02',
    fails() { throw new RangeError('too far'); },
    nothing() {},
    exits() { process.exit(9); },
  },
};
`;

function helperSandbox(t: TestContext): Sandbox {
  const sandbox = new Sandbox(t);
  mkdirSync(join(sandbox.folder, 'plugins'));
  sandbox.write('plugins/words.js', HELPERS);
  return sandbox;
}

test('helpers of plugins are asked in scripts, arguments, conditions, files and cache keys, and no value becomes code', async (t) => {
  const sandbox = helperSandbox(t);
  const { code, result, stderr } = await sandbox.exec(`inputs: { text: { default: '")touch begun(\`$; ' } }
taskGroup:
  - name: a
    if: eq (twice "21") 42
    env: { DAY: "{{ today }}" }
    files: [{ path: note, text: '{{ upper (reverse "cba") }}' }]
    cache: { key: '{{ reverse "key" }}' }
    run: |
      printf 'word=%s|%s|%s|%s' {{ reverse inputs.text }} "{{ reverse inputs.text }}" "$DAY" "$(cat note)" >> "$OUTPUT_FILE"
    exports: [{ name: word, scope: global }]
  - { name: b, if: eq (twice "1") 3, run: exit 1 }
  - { name: c, type: expression_evaluation, spec: { string_to_evaluate: "{{ reverse a.word }}" }, imports: [{ from: a, variable: word }], exports: [{ name: result, scope: global }] }
`);
  assert.equal(code, 0, stderr);
  const turned = ' ;$`(nugeb hcuot)"';
  const word = `${turned}|${turned}|2030-01-02|ABC`;
  assert.deepEqual(result?.results.a?.outputs, { word });
  assert.deepEqual(result?.results.c?.outputs, { result: [...word].reverse().join('') });
  assert.deepEqual([result?.results.b?.status, result?.results.b?.reason], ['skipped', 'condition']);
  assert.equal(existsSync(join(sandbox.folder, 'begun')), false);
});

test('a value that went through a helper is as confidential as before', async (t) => {
  const sandbox = helperSandbox(t);
  const file = sandbox.write(
    's.yml',
    'secrets: [TOKEN]\ntaskGroup: [{ name: a, run: "echo {{ reverse secrets.TOKEN }}" }]\n',
  );
  const { stdout } = await sandbox.run(['exec', file, '--secret', 'TOKEN'], { TOKEN: 'drowssap' });
  assert.match(stdout, /\*\*\*/);
  assert.doesNotMatch(stdout, /password/);
});

for (const [helper, problem] of [
  ['fails', 'the helper "fails" failed: RangeError: too far'],
  ['nothing', '"{{ nothing }}" is null, which has no text'],
  ['exits', 'the helper "exits" failed: its process died: exit code 9'],
] as const) {
  test(`a helper that ${helper} fails its task, in a script and in a condition, and nothing else`, async (t) => {
    const sandbox = helperSandbox(t);
    const { code, result } = await sandbox.exec(`taskGroup:
  - { name: a, run: "echo {{ ${helper} }}" }
  - { name: b, if: ${helper}, run: "true" }
  - { name: c, run: "true" }
`);
    assert.equal(code, 1);
    const { a, b, c } = result?.results ?? {};
    assert.deepEqual([a?.reason, c?.status], ['bad_template', 'success']);
    assert.ok(a?.message?.includes(problem), a?.message);
    assert.equal(b?.status, helper === 'nothing' ? 'skipped' : 'failed');
  });
}

test('where a helper cannot be asked, or may not stand, the file says so', async (t) => {
  const sandbox = helperSandbox(t);
  const file = sandbox.write(
    'x.yml',
    `env: { A: '{{ reverse "a" }}' }
concurrency: { group: "{{ reverse workflow.id }}" }
taskGroup:
  - { name: a, run: "echo $(( {{ twice 2 }} )); eval {{ reverse "x" }}; echo {{ revers "x" }}" }
`.replace(/"echo (.*)" }/, "'echo $1' }"),
  );
  const { stderr } = await sandbox.run(['validate', file]);
  assert.match(stderr, /x\.yml:1:11: error: helpers of plugins can be asked in tasks only, not in the workflow's env/);
  assert.match(stderr, /x\.yml:2:23: error: helpers of plugins can be asked in tasks only, not in concurrency/);
  assert.match(stderr, /there is no helper "revers".*\n(.*\n)*.*did you mean "reverse"\?/);
  const unsafe = sandbox.write(
    'y.yml',
    `taskGroup:\n  - { name: a, run: 'echo $(( {{ twice 2 }} )); eval {{ reverse "x" }}' }\n`,
  );
  const { stderr: refused } = await sandbox.run(['validate', unsafe]);
  assert.equal(refused.match(/\[unsafe-template\]/g)?.length, 2, refused);
});

test('a dry run shows what helpers say', async (t) => {
  const sandbox = helperSandbox(t);
  const file = sandbox.write(
    'd.yml',
    `taskGroup: [{ name: a, if: eq (twice 2) 4, run: 'echo {{ reverse "cba" }}' }]\n`,
  );
  const { code, stdout } = await sandbox.run(['exec', file, '--dry-run', '--json']);
  assert.equal(code, 0);
  assert.match(stdout, /"abc"/);
});
