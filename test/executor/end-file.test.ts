import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EndFile, type KeptEnd } from '../../src/executor/end-file.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

class EndRig {
  readonly clock = new FakeClock(100 * DAY_MS);
  readonly path: string;
  readonly problems: string[] = [];
  readonly #t: TestContext;

  constructor(t: TestContext) {
    this.#t = t;
    this.path = join(temporaryFolder(t), 'ends');
  }

  open(): EndFile {
    const file = new EndFile(this.path, this.clock, (message) => this.problems.push(message));
    this.#t.after(() => file.close());
    return file;
  }

  end(mark: string, runId = 'run', code = 0): KeptEnd {
    return { mark, runId, startedAt: 1, endedAt: this.clock.now(), exit: { kind: 'exited', code } };
  }
}

test('ends are read again, all but those that were forgotten', (t) => {
  const rig = new EndRig(t);
  const file = rig.open();
  for (const mark of ['a', 'b', 'c', 'd']) file.add(rig.end(mark, mark < 'c' ? 'early' : 'late', 3));
  file.forget('c');
  file.forgetRun('early');
  const again = rig.open();
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((mark) => again.get(mark)),
    [undefined, undefined, undefined, { kind: 'exited', code: 3 }],
  );
});

test('a torn line costs no more than itself', (t) => {
  const rig = new EndRig(t);
  rig.open().add(rig.end('a'));
  appendFileSync(rig.path, '{"mark":"tor');
  const again = rig.open();
  again.add(rig.end('b'));
  assert.deepEqual(
    [rig.open().get('a'), again.get('b'), rig.open().get('b')?.kind],
    [rig.end('a').exit, rig.end('b').exit, 'exited'],
  );
});

test('ends that nobody asked for in 30 days are dropped at a start', (t) => {
  const rig = new EndRig(t);
  rig.open().add(rig.end('old'));
  rig.clock.advance(31 * DAY_MS);
  rig.open().add(rig.end('new'));
  const again = rig.open();
  assert.deepEqual([again.get('old'), again.get('new')?.kind], [undefined, 'exited']);
});

test('the file is written anew when little in it is needed', (t) => {
  const rig = new EndRig(t);
  const file = rig.open();
  file.add(rig.end('kept'));
  for (let index = 0; index < 12_000; index++) {
    file.add(rig.end(String(index)));
    file.forget(String(index));
  }
  assert.ok(statSync(rig.path).size > 1_000_000);
  rig.clock.advance(100);
  assert.equal(readFileSync(rig.path, 'utf8'), `${JSON.stringify({ ...rig.end('kept'), endedAt: 100 * DAY_MS })}\n`);
  file.add(rig.end('later'));
  assert.equal(rig.open().get('later')?.kind, 'exited');
});

test('a file of somebody else in its place is left alone', (t) => {
  const rig = new EndRig(t);
  const file = rig.open();
  for (let index = 0; index < 12_000; index++) file.add(rig.end(String(index)));
  file.forgetRun('run');
  renameSync(rig.path, `${rig.path}.moved`);
  writeFileSync(rig.path, 'not ours');
  rig.clock.advance(100);
  assert.equal(readFileSync(rig.path, 'utf8'), 'not ours');
});
