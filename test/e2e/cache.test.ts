import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Sandbox } from '../support/program.ts';
import { cannotMount, fillDisk, mountSmallDisk } from '../support/small-disk.ts';
import { serversOf, stopServers } from '../support/store-process.ts';

const BUILD = `
secrets: [TOKEN]
taskGroup:
  - name: build
    run: |
      echo ran >> ledger
      mkdir -p dist
      cat src > dist/out
      echo "{{ secrets.TOKEN }}" > dist/private
      { echo "sum=$(cat src)"; echo "pass=open-$(cat src)-sesame"; } >> "$OUTPUT_FILE"
    cache: { inputs: [src], paths: [dist] }
    exports: [{ name: sum, scope: global }, { name: pass, confidential: true }]
`;

test('the second run is served from the cache, and says what changed when it is not', async (t) => {
  const sandbox = builder(t);
  const first = await build(sandbox);
  assert.deepEqual([first.code, first.task?.cached, first.task?.outputs.sum], [0, false, 'one']);
  rmSync(join(sandbox.folder, 'dist'), { recursive: true });
  utimesSync(join(sandbox.folder, 'src'), 1, 1);
  sandbox.write('undeclared', 'does not matter');
  const second = await build(sandbox);
  assert.deepEqual([second.task?.cached, second.task?.exit_code, second.task?.outputs.sum], [true, null, 'one']);
  assert.equal(sandbox.read('dist/out'), 'one');
  sandbox.write('src', 'two');
  const third = await build(sandbox);
  assert.deepEqual([third.task?.cached, third.task?.outputs.sum], [false, 'two']);
  assert.deepEqual(third.task?.notes, ['cache: miss; input src changed']);
  const other = await build(sandbox, [], { TOKEN: 'another-token' });
  assert.deepEqual(other.task?.notes, ['cache: miss; secret TOKEN changed']);
  assert.equal(sandbox.read('ledger'), 'ran\n'.repeat(3));
});

test('--no-cache runs every task and stores nothing', async (t) => {
  const sandbox = builder(t);
  for (const _ of [1, 2]) assert.equal((await build(sandbox, ['--no-cache'])).task?.cached, false);
  assert.equal(existsSync(join(sandbox.stateDir, 'cache')), false);
  assert.equal((await build(sandbox)).task?.cached, false);
});

test('many exec at once share the cache: a result is made once', async (t) => {
  const sandbox = builder(t);
  const runs = await Promise.all([1, 2, 3, 4].map(() => build(sandbox)));
  assert.deepEqual(
    runs.map(({ code, task }) => [code, task?.outputs.sum]),
    Array(4).fill([0, 'one']),
  );
  assert.equal(sandbox.read('ledger'), 'ran\n');
  assert.equal(runs.filter(({ task }) => task?.cached).length, 3);
});

test('a killed store process is replaced, during a run too', async (t) => {
  const sandbox = builder(t);
  sandbox.write(
    'kill.yml',
    `
taskGroup:
  - name: kill
    run: kill -9 "$(cat pid)"; echo "v=done" >> "$OUTPUT_FILE"
    cache: { inputs: [pid] }
    exports: [{ name: v, scope: global }]
`,
  );
  await build(sandbox);
  sandbox.write('pid', String(serversOf(sandbox.stateDir)[0]));
  const run = async () => JSON.parse((await sandbox.run(['exec', 'kill.yml', '--json'])).stdout).results.kill;
  assert.deepEqual((await run()).notes, ['cache: miss; no result of this task is stored yet']);
  assert.deepEqual([(await run()).cached, (await build(sandbox)).task?.cached], [true, true]);
});

test('no task sees a descriptor of the store', async (t) => {
  const sandbox = builder(t);
  const { result } = await sandbox.exec(`
taskGroup:
  - { name: first, run: "true", cache: {} }
  - name: look
    depends_on: first
    run: |
      { echo "seen<<EOF"; for fd in /proc/self/fd/*; do readlink "$fd" || true; done; echo EOF; } >> "$OUTPUT_FILE"
    cache: {}
    exports: [{ name: seen, scope: global }]
`);
  const seen = String(result?.results.look?.outputs.seen);
  assert.match(seen, /null/);
  assert.doesNotMatch(seen, /cache|socket|\.log$/m);
});

test('what is stored is private and cannot be read: no value, no file, no secret', async (t) => {
  const sandbox = builder(t);
  await build(sandbox);
  const state = sandbox.stateDir;
  const files = readdirSync(join(state, 'cache'), { recursive: true, withFileTypes: true });
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    const mode = lstatSync(path).mode & 0o777;
    assert.equal(mode, entry.isDirectory() ? 0o700 : 0o600, path);
    if (!entry.isFile()) continue;
    const content = readFileSync(path, 'latin1');
    for (const secret of ['sesame', 'the-token', 'echo ran'])
      assert.ok(!content.includes(secret), `${secret} in ${path}`);
  }
  assert.equal(lstatSync(join(state, 'key')).mode & 0o777, 0o600);
});

test('whatever byte of the database flips, the result is right', async (t) => {
  const sandbox = builder(t);
  await build(sandbox);
  const db = join(sandbox.stateDir, 'cache/db');
  for (let round = 0; round < 12; round++) {
    await stopServers(sandbox.stateDir);
    const files = readdirSync(db)
      .filter((name) => !/^LO/.test(name) && lstatSync(join(db, name)).size > 0)
      .sort();
    const path = join(db, files[round % files.length] ?? '');
    const bytes = readFileSync(path);
    const at = Math.floor((bytes.length * (round * 7 + 3)) / 97) % bytes.length;
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (round % 8)), at);
    writeFileSync(path, bytes);
    const { code, task } = await build(sandbox);
    assert.deepEqual([code, task?.status, task?.outputs.sum], [0, 'success', 'one'], `${path} at ${at}`);
  }
});

test('a cache that cannot be kept is a note, and the run is fine', async (t) => {
  const sandbox = builder(t);
  await sandbox.run(['exec', 'build.yml', '--no-cache', '--secret', 'TOKEN'], { TOKEN: 'the-token' });
  writeFileSync(join(sandbox.stateDir, 'cache'), 'in the way');
  const { code, task } = await build(sandbox);
  assert.equal(code, 0);
  assert.match(task?.notes?.[0] ?? '', /^cache: not used; /);
  rmSync(join(sandbox.stateDir, 'cache'));
  writeFileSync(join(sandbox.stateDir, 'key'), 'too short');
  assert.match((await build(sandbox)).task?.notes?.[0] ?? '', /^cache: not used; .* is not a key/);
});

test('a full disk keeps no run from its end, and costs no result that is stored', {
  skip: cannotMount(),
}, async (t) => {
  const sandbox = builder(t);
  const cache = join(sandbox.stateDir, 'cache');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const unmount = mountSmallDisk(cache, '8m');
  try {
    assert.equal((await build(sandbox)).task?.status, 'success');
    const giveBack = fillDisk(cache, 0);
    sandbox.write('src', 'x'.repeat(100_000));
    const { code, task } = await build(sandbox);
    assert.deepEqual([code, task?.cached], [0, false]);
    assert.match(task?.notes?.join() ?? '', /cache: not stored; /);
    giveBack();
    sandbox.write('src', 'one');
    assert.equal((await build(sandbox)).task?.cached, true);
    sandbox.write('src', 'two');
    assert.deepEqual([(await build(sandbox)).task?.cached, (await build(sandbox)).task?.cached], [false, true]);
  } finally {
    await stopServers(sandbox.folder);
    unmount();
  }
});

test('runner cache lists, explains and purges', async (t) => {
  const sandbox = builder(t);
  const runner = async (...args: string[]) => sandbox.run(['cache', ...args]);
  assert.equal((await runner('list')).stdout, 'the cache is empty\n');
  const first = await build(sandbox);
  await build(sandbox);
  const { results } = JSON.parse((await runner('list', '--json')).stdout);
  assert.deepEqual(
    results.map((entry: { task: string }) => entry.task),
    ['build'],
  );
  assert.ok(results[0].depends_on.includes('input src'));
  assert.match((await runner('list')).stdout, /^WORKFLOW .*\nbuild +build +\S+ +\d+B +\S+\n$/);
  assert.match(
    (await runner('explain', 'last', 'build')).stdout,
    new RegExp(`^build: hit; stored .* by run ${first.id}\n$`),
  );
  const explained = await runner('explain', first.id ?? '', 'build');
  assert.equal(explained.stdout, 'build: miss; no result of this task is stored yet\n');
  assert.equal((await runner('explain', 'last', 'nobody')).code, 2);
  assert.equal((await runner('explain', 'never', 'build')).code, 2);
  assert.equal((await runner('purge')).code, 2);
  assert.match((await runner('purge', '--workflow', 'other')).stdout, /^removed 0 results/);
  assert.match((await runner('purge', '--older-than', '1h')).stdout, /^removed 0 results/);
  assert.match((await runner('purge', '--all')).stdout, /^removed 1 result, freed \d+B of files\n$/);
  assert.equal((await build(sandbox)).task?.cached, false);
});

/** A folder with a workflow and its one input. */
function builder(t: TestContext): Sandbox {
  const sandbox = new Sandbox(t);
  sandbox.write('build.yml', BUILD);
  sandbox.write('src', 'one');
  return sandbox;
}

async function build(sandbox: Sandbox, args: readonly string[] = [], env = { TOKEN: 'the-token' }) {
  const { code, stdout } = await sandbox.run(['exec', 'build.yml', '--json', '--secret', 'TOKEN', ...args], env);
  const result = JSON.parse(stdout) as { id: string; results: { build?: CachedTask } };
  return { code, id: result.id, task: result.results.build };
}

interface CachedTask {
  readonly status: string;
  readonly cached: boolean;
  readonly exit_code: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly notes?: readonly string[];
}
