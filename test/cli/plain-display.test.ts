import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DisplayRig, roundEnd } from '../support/display-rig.ts';
import { MemoryTerminal } from '../support/memory-terminal.ts';

test('a run is told line by line, with a summary at its end', async () => {
  const rig = new DisplayRig(['version', 'build', 'publish', 'cry-for-help', 'docs']);
  rig.begin();
  rig.start('version');
  rig.start('docs');
  rig.write('version', 'v1.2.');
  rig.write('docs', 'writing docs\n');
  rig.clock.advance(120);
  rig.write('version', '3\n');
  rig.succeed('version');
  rig.start('build');
  rig.write('build', 'compiling\n');
  rig.write('build', 'oops', 'stderr');
  rig.clock.advance(1500);
  rig.retry('build', 1, 'exit code 2', 5000);
  rig.clock.advance(5000);
  rig.start('build', 2);
  rig.write('build', 'compiling again\n\n', 'stdout', 2);
  rig.clock.advance(61_000);
  rig.fail('build', 'exit code 3');
  rig.skip('publish', 'needs success of task "build", which was failed');
  rig.start('cry-for-help');
  rig.clock.advance(40);
  rig.end('cry-for-help', { status: 'success', exitCode: 0, outputs: {}, cached: false, notes: ['output_held_open'] });
  rig.succeed('docs', true);
  assert.equal(await rig.close('failed'), RUN);
});

const RUN = `release: run 7, 5 tasks, run-id
version      > started
docs         > started
docs         | writing docs
version      | v1.2.3
version      > success in 0.12s
build        > started
build        | compiling
build        | oops
build        > attempt 1 failed (exit_code): exit code 2; next in 5.00s
build        > started, attempt 2
build        | compiling again
build        | 
build        > failed (exit_code) in 1m08s, attempt 2: exit code 3
publish      > skipped (dependency): needs success of task "build", which was failed
cry-for-help > started
cry-for-help > success in 0.04s
cry-for-help > note: output_held_open
docs         > success from the cache

build        > last lines of build
build        | compiling again
build        | 

TASK          STATUS   REASON       TIME  ATTEMPTS
version       success  -           0.12s         1
build         failed   exit_code   1m08s         2
publish       skipped  dependency      -         0
cry-for-help  success  -           0.04s         1
docs          success  cached      1m08s         1

failed in 1m08s: 1 failed, 1 skipped, 3 success
run run-id
`;

test('of many tasks the summary counts all and lists those that did not succeed, the worst first', async () => {
  const names = Array.from({ length: 10_000 }, (_item, index) => `task-${index}`);
  const rig = new DisplayRig(names);
  rig.begin();
  for (const [index, name] of names.entries()) {
    if (index % 100 === 99) rig.skip(name, 'needs another');
    else {
      rig.start(name);
      rig.write(name, `output of ${name}\n`);
      if (index % 500 === 0) rig.fail(name);
      else rig.succeed(name);
    }
  }
  const text = await rig.close('failed');
  const end = text.slice(text.indexOf('\n\n') + 1).split('\n');
  assert.equal(end.filter((line) => line.includes('last lines of')).length, 10);
  assert.ok(end.includes('and 10 more failed tasks'));
  const table = end.slice(end.findIndex((line) => line.startsWith('TASK')));
  assert.equal(table.length, 1 + 50 + 5);
  assert.match(table[1] ?? '', /^task-0 +failed +exit_code/);
  assert.match(table[21] ?? '', /^task-99 +skipped +dependency/);
  assert.deepEqual(table.slice(51), [
    'and 70 more',
    '',
    'failed in 0.00s: 20 failed, 100 skipped, 9880 success',
    'run run-id',
    '',
  ]);
});

test('what --only left out is counted and nothing more', async () => {
  const rig = new DisplayRig(['a', 'b']);
  rig.begin();
  rig.end('b', { status: 'skipped', reason: 'not_selected', message: 'not selected' });
  rig.start('a');
  rig.succeed('a');
  const text = await rig.close('success');
  assert.doesNotMatch(text, /^b/m);
  assert.match(text, /success in 0.00s: 1 success, 1 not selected\n/);
});

test('a cancelled run says so when it is asked for and in the end', async () => {
  const rig = new DisplayRig(['a', 'b']);
  rig.begin();
  rig.start('a');
  rig.display.event({ type: 'cancel-requested', at: 0, reason: 'user', task: 'a' });
  rig.display.event({ type: 'cancel-requested', at: 0, reason: 'user', task: null });
  rig.end('a', { status: 'cancelled', reason: 'user', message: 'cancelled by the user', exitCode: null });
  const text = await rig.close('cancelled', 'user');
  assert.match(
    text,
    /^a > cancelling \(user\)\ncancelling the run \(user\)\na > cancelled \(user\) in 0.00s: cancelled by the user\n/m,
  );
  assert.match(text, /^cancelled \(user\) in 0.00s: 1 cancelled\n/m);
});

test('the last twenty lines of a failed task come again, unless it is the only task', async () => {
  const lines = Array.from({ length: 30 }, (_item, index) => `line ${index}\n`).join('');
  for (const [tasks, times] of [
    [['only'], 1],
    [['only', 'other'], 2],
  ] as const) {
    const rig = new DisplayRig(tasks);
    rig.begin();
    rig.start('only');
    rig.write('only', lines);
    rig.fail('only');
    const text = await rig.close('failed');
    assert.equal(text.split('only  | line 29\n'.replace('  ', tasks.length === 1 ? ' ' : '  ')).length - 1, times);
    assert.equal(text.split('| line 9\n').length - 1, 1);
  }
});

test('no escape of a task, a name or a message reaches a plain terminal', async () => {
  const rig = new DisplayRig(['evil\x1b]0;pwned\x07name', 'b']);
  rig.begin('work\x1b[2Jflow\n');
  rig.start('evil\x1b]0;pwned\x07name');
  rig.write(
    'evil\x1b]0;pwned\x07name',
    'a\x1b[31mred\x1b[0m \x1b]52;c;aGk=\x07b\x1b[2J\x08 \u009b1m \u202etxt\r\n50%\r100%\ntab\there\n',
  );
  rig.write('evil\x1b]0;pwned\x07name', Buffer.from([0x66, 0xff, 0x9b, 0x31, 0x6d, 0x0a]));
  rig.fail('evil\x1b]0;pwned\x07name', 'no\x1b[1m\nway\x00');
  const text = await rig.close('failed');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
  assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  assert.match(text, /^workflow: run 7/);
  assert.match(text, /^evilname +\| ared b\\x08 {2}\\u202etxt$/m);
  assert.match(text, /^evilname +\| 100%$/m);
  assert.match(text, /^evilname +\| tab\there$/m);
  assert.match(text, /^evilname +\| f\ufffd\ufffd1m$/m);
  assert.match(text, /failed \(exit_code\) in 0.00s: no way\\x00$/m);
});

test('where colours are wanted, those of a task stay, end with their line, and each task has its own', async () => {
  const rig = new DisplayRig(['a', 'b'], new MemoryTerminal({ color: true }));
  rig.begin();
  rig.write('a', '\x1b[1;32mgreen\n');
  rig.write('b', 'plain\n');
  rig.succeed('a');
  const text = await rig.close('success');
  assert.ok(text.includes('\x1b[36ma \x1b[0m| \x1b[1;32mgreen\x1b[0m\n\x1b[33mb \x1b[0m| plain\n'));
  assert.ok(text.includes('> \x1b[32msuccess\x1b[0m\n'));
});

test('a table that is wider than the window is written without columns', async () => {
  const rig = new DisplayRig(['build', 'a-task-with-a-long-name'], new MemoryTerminal({ columns: 20 }));
  rig.begin();
  rig.start('build');
  rig.fail('build');
  rig.skip('a-task-with-a-long-name', 'needs build');
  const text = await rig.close('failed');
  assert.match(text, /\n\nbuild failed exit_code 0.00s 1\na-task-with-a-long-name skipped dependency - 0\n\n/);
});

test('a name longer than others are padded to is written in full', async () => {
  const rig = new DisplayRig(['a', 'n'.repeat(64)]);
  rig.write('a', 'x\n');
  rig.write('n'.repeat(64), 'y\n');
  assert.match(await rig.close('success'), new RegExp(`^a {24}\\| x\n${'n'.repeat(64)} \\| y\n`));
});

test('what comes in one round of the event loop is written at once', async () => {
  const rig = new DisplayRig(['a']);
  rig.begin();
  for (let line = 0; line < 1000; line++) rig.write('a', `line ${line}\n`);
  assert.deepEqual(rig.terminal.writes, []);
  await roundEnd();
  assert.equal(rig.terminal.writes.length, 1);
});

test('a slow reader makes tasks wait, holding little, and loses nothing', async () => {
  const terminal = new MemoryTerminal();
  terminal.slow = true;
  const rig = new DisplayRig(['a'], terminal);
  const chunk = `${'x'.repeat(1023)}\n`.repeat(64);
  const { sent, wait } = flood(rig, chunk);
  assert.ok(sent < 20, `took ${sent} chunks`);
  let released = false;
  void wait.then(() => {
    released = true;
  });
  await roundEnd();
  assert.equal(released, false);
  terminal.slow = false;
  terminal.read();
  await wait;
  assert.equal(rig.write('a', 'last\n'), undefined);
  const text = await rig.close('success');
  assert.equal(text.split('xxx\n').length - 1, sent * 64);
  assert.match(text, /^a \| last$/m);
});

test('the end waits until a slow reader has all', async () => {
  const terminal = new MemoryTerminal();
  const rig = new DisplayRig(['a'], terminal);
  terminal.slow = true;
  rig.write('a', 'x\n');
  let ended = false;
  const end = rig.close('success').then(() => {
    ended = true;
  });
  await roundEnd();
  assert.equal(ended, false);
  terminal.read();
  await end;
});

test('once nobody reads any more, the display is silent and holds nobody up', async () => {
  const terminal = new MemoryTerminal();
  terminal.slow = true;
  const rig = new DisplayRig(['a'], terminal);
  rig.begin();
  const chunk = Buffer.alloc(512 * 1024, 'x\n');
  const { wait } = flood(rig, chunk);
  const before = terminal.writes.length;
  terminal.close();
  await wait;
  assert.equal(rig.write('a', chunk), undefined);
  rig.start('a');
  rig.fail('a');
  await rig.close('failed');
  assert.equal(terminal.writes.length, before);
});

/** Writes until the display asks for patience. */
function flood(rig: DisplayRig, chunk: string | Uint8Array): { readonly sent: number; readonly wait: Promise<void> } {
  for (let sent = 1; ; sent++) {
    const wait = rig.write('a', chunk);
    if (wait !== undefined) return { sent, wait };
  }
}
