import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Sandbox } from '../support/program.ts';

/** The file compiled code is kept in; there is one after one command. */
function codeFile(sandbox: Sandbox): string {
  const folder = join(`${sandbox.folder}-cache`, 'runner');
  const [name, ...more] = readdirSync(folder);
  assert.deepEqual(more, []);
  return join(folder, name ?? '');
}

test('the first start keeps its compiled code, private to the user, and the next one leaves it as it is', async (t) => {
  const sandbox = new Sandbox(t);
  await sandbox.run(['schema']);
  const file = codeFile(sandbox);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const before = statSync(file).mtimeMs;
  const { code, stdout } = await sandbox.run(['schema']);
  assert.equal(code, 0);
  assert.match(stdout, /taskGroup/);
  assert.equal(statSync(file).mtimeMs, before);
});

test('code that is damaged, cut or empty is made anew', async (t) => {
  const sandbox = new Sandbox(t);
  await sandbox.run(['schema']);
  const file = codeFile(sandbox);
  const good = readFileSync(file);
  const flipped = Buffer.from(good);
  flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 0xff;
  for (const bad of [flipped, good.subarray(0, good.length >> 1), Buffer.alloc(0), Buffer.from('not code')]) {
    writeFileSync(file, bad);
    const { code, stderr } = await sandbox.run(['schema']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.notDeepEqual(readFileSync(file), bad);
  }
});

test('code that somebody else may have written is not run, and is replaced', async (t) => {
  const sandbox = new Sandbox(t);
  await sandbox.run(['schema']);
  const file = codeFile(sandbox);
  chmodSync(file, 0o620);
  assert.equal((await sandbox.run(['schema'])).code, 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a home that cannot be written is no obstacle', async (t) => {
  const sandbox = new Sandbox(t);
  const { code } = await sandbox.run(['schema'], { XDG_CACHE_HOME: sandbox.write('file', '') });
  assert.equal(code, 0);
});

test('code that nobody has made anew for a month is removed', async (t) => {
  const sandbox = new Sandbox(t);
  await sandbox.run(['schema']);
  const file = codeFile(sandbox);
  const monthAgo = Date.now() / 1000 - 31 * 24 * 60 * 60;
  utimesSync(file, monthAgo, monthAgo);
  await sandbox.run(['--version']);
  assert.equal(existsSync(file), false);
});

test('options of Node go without kept code', async (t) => {
  const sandbox = new Sandbox(t);
  assert.equal((await sandbox.run(['schema'], { NODE_OPTIONS: '--no-warnings' })).code, 0);
  assert.equal(existsSync(`${sandbox.folder}-cache`), false);
});

test('a short run loads no module of Node that it can do without', async (t) => {
  const sandbox = new Sandbox(t);
  const file = sandbox.write('one.yml', 'taskGroup: [{ name: one, type: os_exec, spec: { command: [/bin/true] } }]');
  const report = join(sandbox.folder, 'loaded');
  const spy = sandbox.write(
    'spy.cjs',
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(report)}, process.moduleLoadList.join('\\n')));`,
  );
  const { code, stderr } = await sandbox.run(['exec', file], { NODE_OPTIONS: `--require ${spy}` });
  assert.equal(code, 0, stderr);
  const loaded = new Set(readFileSync(report, 'utf8').split('\n'));
  assert.ok(loaded.has('NativeModule child_process'));
  const heavy = ['crypto', 'internal/fs/promises', 'perf_hooks', 'http', 'worker_threads', 'readline', 'tls'];
  assert.deepEqual(
    heavy.filter((name) => loaded.has(`NativeModule ${name}`)),
    [],
  );
});
