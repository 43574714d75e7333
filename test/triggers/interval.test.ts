import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intervalTrigger } from '../../src/triggers/interval.ts';
import { TriggerRig } from '../support/trigger-rig.ts';

const START = Date.parse('2026-05-01T12:00:00.250Z');
const MINUTE = 60_000;

function spec(every_ms: number) {
  return { every_ms, overlap: 'allow' };
}

function due(rig: TriggerRig): (number | string)[] {
  return rig.decided.map(({ dueAt, count }) => {
    const offset = (dueAt ?? 0) - START;
    return count === 1 ? offset : `${offset} ×${count}`;
  });
}

test('fires first one interval after activation, then on its grid', async () => {
  const rig = new TriggerRig(START);
  rig.arm(intervalTrigger, spec(33 * MINUTE));
  await rig.advance(33 * MINUTE - 1);
  assert.deepEqual(due(rig), []);
  await rig.advance(1);
  await rig.wakeAt(START + 66 * MINUTE + 7_000);
  await rig.wakeAt(START + 99 * MINUTE);
  assert.deepEqual(due(rig), [33 * MINUTE, 66 * MINUTE, 99 * MINUTE]);
  const [{ verdict, overlap, key } = assert.fail()] = rig.decided;
  assert.ok(verdict.kind === 'fire' && verdict.withSecrets);
  assert.deepEqual([verdict.firing.kind, overlap, key], ['interval', 'allow', '2026-05-01T12:33:00.250Z']);
});

test('an interval of a second fires each second', async () => {
  const rig = new TriggerRig(START);
  rig.arm(intervalTrigger, spec(1_000));
  for (let second = 0; second < 5; second++) await rig.advance(1_000);
  assert.deepEqual(due(rig), [1_000, 2_000, 3_000, 4_000, 5_000]);
});

test('after any gap it fires once, and says for how many', async () => {
  const rig = new TriggerRig(START + 10.5 * MINUTE, { activatedAt: START, watermark: START + 2 * MINUTE });
  rig.arm(intervalTrigger, spec(MINUTE));
  await rig.advance(0);
  assert.deepEqual(due(rig), [`${10 * MINUTE} ×8`]);
  await rig.advance(MINUTE / 2);
  assert.deepEqual(due(rig), [`${10 * MINUTE} ×8`, 11 * MINUTE]);
});

test('a restart neither fires again nor moves the grid', async () => {
  const rig = new TriggerRig(START);
  const first = rig.arm(intervalTrigger, spec(MINUTE));
  await rig.advance(MINUTE);
  first.dispose();
  await rig.advance(20_000);
  rig.arm(intervalTrigger, spec(MINUTE));
  await rig.advance(0);
  assert.deepEqual(due(rig), [MINUTE]);
  await rig.advance(40_000);
  assert.deepEqual(due(rig), [MINUTE, 2 * MINUTE]);
});

test('a clock that goes back repeats nothing; one that goes far ahead fires once', async () => {
  const rig = new TriggerRig(START);
  rig.arm(intervalTrigger, spec(MINUTE));
  await rig.wakeAt(START + 366 * 1440 * MINUTE);
  await rig.wakeAt(START + MINUTE);
  await rig.wakeAt(START + 2 * MINUTE);
  assert.deepEqual(due(rig), [`${366 * 1440 * MINUTE} ×${366 * 1440}`]);
});

test('the next times stand on the grid after what is settled', () => {
  const times = (watermark: number | null, from: number) =>
    intervalTrigger.next(spec(MINUTE), { activatedAt: START, watermark }, from, 2).map(({ at }) => at - START);
  assert.deepEqual(times(null, START - 5), [MINUTE, 2 * MINUTE]);
  assert.deepEqual(times(START + 5 * MINUTE, START + MINUTE), [6 * MINUTE, 7 * MINUTE]);
});
