import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DisplayRig, roundEnd } from '../support/display-rig.ts';
import { MemoryTerminal } from '../support/memory-terminal.ts';
import { Screen } from '../support/screen.ts';

function liveRig(tasks: readonly string[], columns = 80, rows = 24): DisplayRig {
  return new DisplayRig(tasks, new MemoryTerminal({ live: true, color: true, columns, rows }));
}

/** What a person sees, once all that is due has been written. */
async function screenOf(rig: DisplayRig, columns = 80): Promise<readonly string[]> {
  await roundEnd();
  const screen = new Screen(columns);
  for (const text of rig.terminal.writes) screen.write(text);
  return screen.lines;
}

function withoutEscapes(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/\x1b\[\d*[mAJ]|\r/g, '');
}

test('a footer below the output tells what runs and how far the run is', async () => {
  const rig = liveRig(['build', 'test-unit', 'docs', 'publish']);
  rig.begin();
  rig.start('build');
  rig.start('test-unit');
  rig.write('build', 'compiling\n');
  rig.queue('docs');
  rig.clock.advance(2500);
  assert.deepEqual(await screenOf(rig), [
    'release: run 7, 4 tasks, run-id',
    'build     > started',
    'test-unit > started',
    'build     | compiling',
    '  build      2s',
    '  test-unit  2s',
    '0/4 done, 2 running, 1 queued, 2s',
  ]);
});

test('output goes above the footer, which is gone in the end', async () => {
  const rig = liveRig(['a', 'b']);
  rig.begin();
  rig.start('a');
  await roundEnd();
  rig.clock.advance(1000);
  rig.write('a', 'one\ntwo\n');
  rig.fail('a');
  rig.start('b');
  rig.clock.advance(1000);
  assert.deepEqual(await screenOf(rig), [
    'release: run 7, 2 tasks, run-id',
    'a > started',
    'a | one',
    'a | two',
    'a > failed (exit_code) in 1.00s: exit code 1',
    'b > started',
    '  b  1s',
    '1/2 done, 1 failed, 1 running, 2s',
  ]);
  rig.succeed('b');
  await rig.close('failed');
  const lines = await screenOf(rig);
  assert.equal(lines.filter((line) => line.includes('1/2 done')).length, 0);
  assert.deepEqual(lines.slice(-2), ['failed in 2.00s: 1 failed, 1 success', 'run run-id']);
});

test('attempts and phases show in the footer', async () => {
  const rig = liveRig(['a', 'b']);
  rig.begin();
  rig.start('a');
  rig.retry('a', 1, 'exit code 1', 60_000);
  rig.start('b');
  rig.display.event({ type: 'task-phase', at: 0, task: 'b', phase: 'provisioning' });
  assert.deepEqual((await screenOf(rig)).slice(-3), [
    '  a  0s, waiting',
    '  b  0s, provisioning',
    '0/2 done, 2 running, 0s',
  ]);
  rig.start('a', 2);
  rig.clock.advance(1000);
  assert.deepEqual((await screenOf(rig)).slice(-3, -1), ['  a  1s, attempt 2', '  b  1s, provisioning']);
});

test('how far a phase is shows in the footer, and its beginning above it', async () => {
  const rig = liveRig(['a']);
  rig.begin();
  rig.start('a');
  for (const message of ['fetching', 'fetching: 1 of 2', 'fetching: 2 of 2']) {
    rig.display.event({ type: 'task-phase', at: 0, task: 'a', phase: 'provisioning', message });
  }
  assert.deepEqual((await screenOf(rig)).slice(-4), [
    'a > started',
    'a > fetching',
    '  a  0s, provisioning: fetching: 2 of 2',
    '0/1 done, 1 running, 0s',
  ]);
  rig.display.event({ type: 'task-running', at: 0, task: 'a', attempt: 1, handle: { kind: 'container', id: 'x' } });
  rig.clock.advance(1000);
  assert.equal((await screenOf(rig)).at(-2), '  a  1s');
});

test('pictures come ten times a second at most, each in one write', async () => {
  const rig = liveRig(['a']);
  rig.begin();
  rig.start('a');
  await roundEnd();
  assert.equal(rig.terminal.writes.length, 1);
  for (let ms = 0; ms < 1000; ms++) {
    rig.write('a', `${ms}\n`);
    rig.clock.advance(1);
    if (ms % 50 === 0) await roundEnd();
  }
  assert.ok(rig.terminal.writes.length <= 11, String(rig.terminal.writes.length));
  assert.ok(rig.terminal.writes.length >= 9, String(rig.terminal.writes.length));
});

test('the footer keeps to the window, however narrow, low or full', async () => {
  const names = Array.from({ length: 100 }, (_item, index) => `a-rather-long-task-name-${index}`);
  for (const [columns, rows] of [
    [20, 24],
    [80, 8],
    [20, 2],
    [1, 1],
  ] as const) {
    const rig = liveRig(names, columns, rows);
    for (const name of names) rig.start(name);
    await roundEnd();
    const before = rig.terminal.writes.length;
    rig.clock.advance(1000);
    rig.display.event({ type: 'run-started', at: 0 });
    await roundEnd();
    rig.clock.advance(1000);
    await roundEnd();
    const footer = withoutEscapes(rig.terminal.writes.slice(before).join('')).split('\n').slice(0, -1);
    assert.ok(footer.length > 0);
    assert.ok(
      footer.every((line) => line.length < Math.max(columns, 2)),
      `${columns}: ${footer.join('/')}`,
    );
    assert.ok(footer.length <= Math.max(1, rows / 2), `${rows}: ${footer.length}`);
  }
});

test('many open tasks are shown as some and a number', async () => {
  const names = Array.from({ length: 30 }, (_item, index) => `t${index}`);
  const rig = liveRig(names);
  for (const name of names) rig.start(name);
  const lines = await screenOf(rig);
  assert.deepEqual(lines.slice(-3), ['  t9  0s', '  and 20 more', '0/30 done, 30 running, 0s']);
});

test('a window that became narrower meanwhile leaves no rest of the footer', async () => {
  const rig = liveRig(['a-rather-long-task-name', 'b'], 40);
  rig.begin();
  rig.start('a-rather-long-task-name');
  rig.start('b');
  await roundEnd();
  const written = rig.terminal.writes.length;
  rig.terminal.columns = 10;
  rig.clock.advance(100);
  rig.write('b', 'x\n');
  await roundEnd();
  // What were 29, 29 and 23 cells in a line each are three rows of ten each.
  assert.equal(rig.terminal.writes[written]?.slice(0, 8), '\r\x1b[9A\x1b[J');
});

test('after the end nothing is left that would keep the process alive', async () => {
  const rig = liveRig(['a']);
  rig.begin();
  rig.start('a');
  await roundEnd();
  rig.succeed('a');
  assert.ok(rig.clock.waiting > 0);
  await rig.close('success');
  assert.equal(rig.clock.waiting, 0);
});

test('nor after the terminal is gone', async () => {
  const rig = liveRig(['a']);
  rig.begin();
  await roundEnd();
  rig.terminal.close();
  assert.equal(rig.clock.waiting, 0);
});

test('whatever happens, a live display leaves what a plain one writes', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('write' as const),
      task: fc.nat(3),
      text: fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n') }),
    }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(400) }),
    fc.record({ kind: fc.constant('end' as const), task: fc.nat(3) }),
  );
  const names = ['one', 'two', 'three', 'four'];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const rigs = [new DisplayRig(names), liveRig(names, 200)] as const;
      for (const rig of rigs) {
        rig.begin();
        for (const name of names) rig.start(name);
        for (const taken of steps) {
          if (taken.kind === 'write') rig.write(names[taken.task] ?? '', taken.text);
          else if (taken.kind === 'end') rig.succeed(names[taken.task] ?? '');
          else {
            rig.clock.advance(taken.ms);
            await roundEnd();
          }
        }
        await rig.close('success');
      }
      const plain = rigs[0].terminal.text.split('\n').slice(0, -1);
      assert.deepEqual(await screenOf(rigs[1], 200), plain);
    }),
    { numRuns: 60 },
  );
});
