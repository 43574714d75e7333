import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Sandbox } from '../support/program.ts';

const SEED = readFileSync('test/golden/seed/sample.yaml');

test('validate --fix makes the published sample valid, names each repair, and a second time finds nothing', async (t) => {
  const sandbox = new Sandbox(t);
  chmodSync(sandbox.write('seed.yml', SEED), 0o640);
  const first = await sandbox.run(['validate', '--fix', 'seed.yml']);
  assert.equal(first.code, 0, first.stderr);
  const lines = first.stdout.trimEnd().split('\n');
  assert.equal(lines.pop(), '1 file checked, all valid');
  assert.equal(lines.length, 19);
  for (const line of lines) assert.match(line, /^seed\.yml:\d+:\d+: repaired: .* \[[a-z-]+\]$/);
  assert.equal(statSync(join(sandbox.folder, 'seed.yml')).mode & 0o777, 0o640);
  const after = sandbox.read('seed.yml');
  const second = await sandbox.run(['validate', '--fix', 'seed.yml']);
  assert.equal(second.stdout, '1 file checked, all valid\n');
  assert.equal(sandbox.read('seed.yml'), after);
  assert.deepEqual(readdirSync(sandbox.folder), ['seed.yml']);
});

test('without --fix no file is changed, and JSON tells what could be', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('seed.yml', SEED);
  const { code, stdout } = await sandbox.run(['validate', '--json', 'seed.yml']);
  assert.equal(code, 2);
  assert.equal(JSON.parse(stdout).files[0].diagnostics.filter((one: { fix?: unknown }) => one.fix).length, 19);
  assert.deepEqual(readFileSync(join(sandbox.folder, 'seed.yml')), SEED);
});

test('validate --fix reports what it must leave to people', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('a.yml', 'fail_fast: yes\ntiemout: 5m\ntaskGroup:\n  - { name: a, run: x }\n');
  const { code, stdout } = await sandbox.run(['validate', '--fix', '--json', 'a.yml']);
  assert.equal(code, 2);
  const [file] = JSON.parse(stdout).files;
  assert.deepEqual(
    file.repairs.map((one: { code: string }) => one.code),
    ['wrong-type'],
  );
  assert.ok(file.diagnostics.some((one: { code: string }) => one.code === 'unknown-key'));
  assert.match(sandbox.read('a.yml'), /^fail_fast: true\ntiemout/);
});

test('validate prints SARIF and workflow commands', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('bad.yml', 'taskGroup:\n  - { name: a, rnu: x }\n');
  const sarif = await sandbox.run(['validate', '--format', 'sarif', 'bad.yml']);
  assert.equal(sarif.code, 2);
  assert.equal(
    JSON.parse(sarif.stdout).runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri,
    'bad.yml',
  );
  const github = await sandbox.run(['validate', '--format=github', 'bad.yml']);
  assert.match(
    github.stdout,
    /^::error file=bad\.yml,line=2,endLine=2,col=16,endColumn=19,title=unknown-key::unknown key/m,
  );
  assert.equal(github.code, 2);
  const twice = await sandbox.run(['validate', '--json', '--format', 'sarif', 'bad.yml']);
  assert.deepEqual([twice.code, twice.stdout], [2, '']);
  const unknown = await sandbox.run(['validate', '--format', 'xml', 'bad.yml']);
  assert.match(unknown.stderr, /--format "xml": expected text, json, sarif, github/);
});

const PLAN = `
inputs: { channel: { type: string, default: beta } }
secrets: [TOKEN]
taskGroup:
  - name: make
    run: touch started; echo version=1 >> "$OUTPUT_FILE"
    exports: [{ name: version }]
  - name: use
    imports: [{ from: make, variable: version }]
    env: { AUTH: "{{ secrets.TOKEN }}" }
    type: os_exec
    spec: { command: [echo, "{{ make.version }}", "{{ inputs.channel }}", "{{ secrets.TOKEN }}"] }
  - { name: never, run: x, if: eq inputs.channel "stable" }
`;

test('exec --dry-run shows the plan, starts nothing, writes nothing and keeps secrets', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('plan.yml', PLAN);
  const args = ['exec', 'plan.yml', '--dry-run', '--secret', 'TOKEN', '--env', 'MODE=fast'];
  const text = await sandbox.run(args, { TOKEN: 'open-sesame' });
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stdout, /^Plan of plan\.yml: 3 tasks in 2 levels, at most \d+ at once\. Nothing was started\.\n/);
  assert.match(text.stdout, /^ {2}never: is skipped \(if: eq inputs\.channel "stable"\)$/m);
  assert.match(text.stdout, /command: \["echo","\{\{ make\.version \}\}","beta","\*\*\*"\]/);
  assert.match(text.stdout, /runtime +MODE=fast/);
  const json = await sandbox.run([...args, '--json'], { TOKEN: 'open-sesame' });
  const shown = JSON.parse(json.stdout);
  assert.deepEqual(shown.levels, [['make', 'never'], ['use']]);
  const use = shown.tasks.find((task: { name: string }) => task.name === 'use');
  const auth = use.env.find((variable: { name: string }) => variable.name === 'AUTH');
  assert.deepEqual(auth, { name: 'AUTH', value: '***', source: 'task', confidential: true });
  assert.deepEqual(use.needs, [{ task: 'make', when: 'success' }]);
  for (const { stdout, stderr } of [text, json]) assert.ok(!`${stdout}${stderr}`.includes('open-sesame'));
  assert.deepEqual(readdirSync(sandbox.folder), ['plan.yml']);
});

test('exec --dry-run refuses what exec refuses', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('plan.yml', PLAN);
  const { code, stdout, stderr } = await sandbox.run(['exec', 'plan.yml', '--dry-run', '--input', 'chanel=x']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /there is no input "chanel"/);
});

test('init writes a workflow that runs and a schema its first line names, and never overwrites', async (t) => {
  const sandbox = new Sandbox(t);
  const first = await sandbox.run(['init', 'my project']);
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.stdout.trimEnd().split('\n').pop(), "Next: runner exec 'my project/workflows/hello.yml'");
  const hello = sandbox.read('my project/workflows/hello.yml');
  const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(hello)?.[1] ?? '';
  assert.deepEqual(
    JSON.parse(sandbox.read(`my project/workflows/${schema}`)),
    JSON.parse(readFileSync('schemas/workflow.schema.json', 'utf8')),
  );
  const run = await sandbox.run(['exec', 'my project/workflows/hello.yml']);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /Hello, world!/);
  writeFileSync(join(sandbox.folder, 'my project/workflows/hello.yml'), 'mine');
  const second = await sandbox.run(['init', 'my project']);
  assert.equal(second.code, 0);
  assert.match(second.stdout, /^left alone my project\/workflows\/hello\.yml$/m);
  assert.equal(sandbox.read('my project/workflows/hello.yml'), 'mine');
});

test('init says why it cannot write', async (t) => {
  const sandbox = new Sandbox(t);
  mkdirSync(join(sandbox.folder, 'full'));
  sandbox.write('full/workflows', 'a file where a folder is wanted');
  const { code, stderr } = await sandbox.run(['init', 'full']);
  assert.equal(code, 2);
  assert.match(stderr, /^runner init: E\w+: /);
  assert.ok(!existsSync(join(sandbox.folder, 'workflows')));
});
