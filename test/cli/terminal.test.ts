import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { durationText, elapsedText } from '../../src/cli/print/duration-text.ts';
import { StreamTerminal } from '../../src/cli/print/stream-terminal.ts';
import { terminalTraits } from '../../src/cli/print/terminal.ts';

const TRAITS: readonly (readonly [tty: boolean, env: Record<string, string>, live: boolean, color: boolean])[] = [
  [true, {}, true, true],
  [true, { TERM: 'xterm-256color' }, true, true],
  [true, { TERM: 'dumb' }, false, false],
  [true, { NO_COLOR: '1' }, false, false],
  [true, { NO_COLOR: '' }, true, true],
  [true, { CI: 'true' }, false, false],
  [true, { CI: 'false' }, true, true],
  [true, { FORCE_COLOR: '0' }, true, false],
  [false, {}, false, false],
  [false, { FORCE_COLOR: '1' }, false, true],
  [false, { FORCE_COLOR: '' }, false, true],
  [false, { CI: 'true', FORCE_COLOR: '3' }, false, true],
  [false, { NO_COLOR: '1', FORCE_COLOR: '1' }, false, true],
];

for (const [tty, env, live, color] of TRAITS) {
  test(`${tty ? 'a terminal' : 'a file'} with ${JSON.stringify(env)} is ${live ? 'live' : 'plain'}, ${color ? 'with' : 'without'} colours`, () => {
    assert.deepEqual(terminalTraits(tty, env), { live, color });
  });
}

test('the size of a terminal is that of its window now, or the usual one; a file has none', () => {
  const stream = Object.assign(new Writable(), { isTTY: true, columns: 100, rows: 0 });
  const terminal = new StreamTerminal(stream, {});
  assert.deepEqual([terminal.columns, terminal.rows], [100, 24]);
  stream.columns = 50;
  assert.equal(terminal.columns, 50);
  assert.equal(new StreamTerminal(new Writable(), {}).columns, Infinity);
});

test('a write that is done within the call asks nobody to wait; another one does until it is done', async () => {
  const pending: (() => void)[] = [];
  let direct = true;
  const stream = new Writable({ write: (_chunk, _encoding, done) => (direct ? done() : void pending.push(done)) });
  const terminal = new StreamTerminal(stream, {});
  assert.equal(terminal.write('a'), undefined);
  direct = false;
  const wait = terminal.write('b');
  assert.ok(wait instanceof Promise);
  pending[0]?.();
  await wait;
});

test('a stream that fails is closed: who waits goes on, who listens is told once, what follows is dropped', async () => {
  let fail = (_error: Error): void => {};
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      fail = done;
    },
  });
  const terminal = new StreamTerminal(stream, {});
  let told = 0;
  terminal.onClosed(() => told++);
  const wait = terminal.write('a');
  const behind = terminal.write('b');
  fail(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await Promise.all([wait, behind]);
  assert.equal(terminal.closed, true);
  assert.equal(told, 1);
  assert.equal(terminal.write('c'), undefined);
  await new Promise<void>((resolve) => terminal.onClosed(resolve));
});

test('a failure other than a reader that has gone is a problem', async () => {
  const problems = ['EPIPE', 'ECONNRESET', 'ENOSPC'].map(async (code) => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
    const terminal = new StreamTerminal(stream, {});
    await terminal.write('a');
    await new Promise(setImmediate);
    return [terminal.closed, terminal.problem];
  });
  assert.deepEqual(await Promise.all(problems), [
    [true, null],
    [true, null],
    [true, 'ENOSPC'],
  ]);
});

test('a process whose reader goes away is told, stays alive and says nothing', async (t) => {
  const child = program(
    t,
    `const wait = [];
     terminal.onClosed(() => process.exit(42));
     const more = async () => { for (;;) { await terminal.write('x'.repeat(1000)); await new Promise(setImmediate); } };
     void more();`,
  );
  await once(child.stdout, 'data');
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  assert.equal(stderr, '');
  assert.equal(code, 42);
});

test('a reader that does not read does not stop the process, and gets all in the end', async (t) => {
  const child = program(
    t,
    `const wait = terminal.write('x'.repeat(1_000_000));
     setImmediate(() => process.stderr.write('alive'));
     await wait;`,
  );
  await once(child.stderr, 'data');
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => (read += chunk.length));
  const [code] = await once(child, 'close');
  assert.deepEqual([code, read], [0, 1_000_000]);
});

test('durations are short and exact enough for people', () => {
  const cases: [number, string][] = [
    [-5, '0.00s'],
    [0, '0.00s'],
    [44, '0.04s'],
    [9_994, '9.99s'],
    [9_996, '10.0s'],
    [59_949, '59.9s'],
    [59_960, '1m00s'],
    [125_000, '2m05s'],
    [3_599_400, '59m59s'],
    [3_599_600, '1h00m'],
    [90_000_000, '25h00m'],
  ];
  for (const [ms, text] of cases) assert.equal(durationText(ms), text, String(ms));
  assert.equal(elapsedText(59_999), '59s');
  assert.equal(elapsedText(119_999), '1m59s');
});

/** Starts a small program with its standard output as `terminal`. */
function program(t: TestContext, body: string) {
  const file = pathToFileURL('src/cli/print/stream-terminal.ts');
  const code = `import { StreamTerminal } from ${JSON.stringify(file.href)};
    const terminal = new StreamTerminal(process.stdout, {});
    ${body}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}
