import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AlarmClock } from '../../src/util/wall-clock.ts';
import { FakeClock } from '../support/fake-clock.ts';

const DAY = 86_400_000;

function rig(start = 1_000_000) {
  const fake = new FakeClock(start);
  const clock = new AlarmClock(fake);
  const rung: string[] = [];
  const arm = (name: string, at: number) => clock.wakeAt(at, () => rung.push(`${name} ${fake.now() - start}`));
  return { fake, clock, rung, arm, start };
}

test('wakes at the time, in order of time, and once', () => {
  const { fake, rung, arm, start } = rig();
  arm('b', start + 2_500);
  arm('a', start + 700);
  arm('c', start + 2_500);
  fake.advance(10_000);
  assert.deepEqual(rung, ['a 700', 'b 2500', 'c 2500']);
});

test('a time that has passed wakes soon, never at once', () => {
  const { fake, rung, arm, start } = rig();
  arm('late', start - 5);
  assert.deepEqual(rung, []);
  fake.advance(0);
  assert.deepEqual(rung, ['late 0']);
});

test('nothing armed costs nothing; many alarms share one timer', () => {
  const { fake, rung, arm, start } = rig();
  assert.equal(fake.waiting, 0);
  const callsOff = Array.from({ length: 100 }, (_item, index) => arm('x', start + DAY + index));
  assert.equal(fake.waiting, 1);
  for (const callOff of callsOff) callOff();
  callsOff[0]?.();
  assert.equal(fake.waiting, 0);
  fake.advance(2 * DAY);
  assert.deepEqual(rung, []);
});

test('a clock that jumps forward is noticed within a second', () => {
  const { fake, rung, arm, start } = rig();
  arm('noon', start + DAY);
  fake.advance(300);
  fake.jump(DAY);
  fake.advance(1_000);
  assert.deepEqual(rung, [`noon ${DAY + 1_000}`]);
});

test('a clock that jumps back is waited for', () => {
  const { fake, rung, arm, start } = rig();
  arm('soon', start + 900);
  fake.jump(-DAY);
  fake.advance(10_000);
  assert.deepEqual(rung, []);
  fake.jump(DAY);
  fake.advance(1_000);
  assert.equal(rung.length, 1);
});

test('an alarm may arm and call off others while it rings', () => {
  const { fake, clock, rung, arm, start } = rig();
  clock.wakeAt(start + 10, () => {
    callOff();
    arm('again', start + 5);
  });
  const callOff = arm('never', start + 10);
  fake.advance(10);
  fake.advance(0);
  assert.deepEqual(rung, ['again 10']);
  assert.equal(fake.waiting, 0);
});

test('an alarm that throws keeps no other from ringing', () => {
  const { fake, clock, rung, arm, start } = rig();
  clock.wakeAt(start + 10, () => assert.fail('broken'));
  arm('b', start + 10);
  assert.throws(() => fake.advance(10), /broken/);
  fake.advance(0);
  assert.deepEqual(rung, ['b 10']);
});

test('whatever the clock does, each alarm rings once its time is there and at most a second late', () => {
  const move = fc.record({
    advance: fc.integer({ min: 1_000, max: 3_000 }),
    jump: fc.oneof(fc.constant(0), fc.integer({ min: -9_000, max: 9_000 })),
  });
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { maxLength: 8 }), fc.array(move, { maxLength: 20 }), (alarms, moves) => {
      const { fake, clock, start } = rig();
      const waiting = new Set(alarms.keys());
      for (const [index, at] of alarms.entries()) {
        clock.wakeAt(start + at, () => {
          assert.ok(fake.now() >= start + at);
          assert.ok(waiting.delete(index));
        });
      }
      for (const { advance, jump } of moves) {
        fake.jump(jump);
        fake.advance(advance);
        for (const index of waiting) assert.ok(start + (alarms[index] ?? 0) > fake.now() - 1_000);
      }
    }),
  );
});
