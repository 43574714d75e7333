import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/model/json.ts';
import type { Trigger } from '../../src/model/trigger.ts';
import { cronTrigger } from '../../src/triggers/cron.ts';
import { intervalTrigger } from '../../src/triggers/interval.ts';
import { MISFIRE_AFTER_MS } from '../../src/triggers/missed-slots.ts';
import { RETRY_MS } from '../../src/triggers/slot-watch.ts';
import { parseCron } from '../../src/util/cron.ts';
import { slotsBySearch } from '../support/slot-oracle.ts';
import { type Decided, TriggerRig } from '../support/trigger-rig.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
// Two hours before the clocks of New York go back.
const START = Date.parse('2026-11-01T04:00Z');

/** Something that happens to a daemon. */
type Happening =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'restart'; readonly downMs: number }
  | { readonly kind: 'trouble'; readonly decisions: number }
  /** The entry becomes another one, which is seen for the first time. */
  | { readonly kind: 'edit' };

const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(90 * SECOND) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -3 * HOUR, max: 5 * HOUR }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), downMs: fc.nat(4 * HOUR) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('trouble' as const), decisions: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const) }) },
  ),
  { maxLength: 25 },
);

/** Lets it all happen, then heals what ails and lets a minute pass. Returns the latest time the clock was seen to show. */
async function live(
  rig: TriggerRig,
  trigger: Trigger,
  spec: JsonObject,
  script: readonly Happening[],
): Promise<number> {
  let armed = rig.arm(trigger, spec);
  let latest = rig.fake.now();
  for (const happening of [...script, { kind: 'trouble', decisions: 0 } as const]) {
    if (happening.kind === 'jump') rig.fake.jump(happening.ms);
    if (happening.kind === 'trouble') rig.failures = happening.decisions;
    if (happening.kind === 'restart') {
      armed.dispose();
      rig.fake.jump(happening.downMs);
      armed = rig.arm(trigger, spec);
    }
    if (happening.kind === 'edit') {
      armed.dispose();
      await rig.advance(0);
      rig.forget();
      armed = rig.arm(trigger, spec);
    }
    await pass(rig, happening.kind === 'time' ? happening.ms : 0);
    latest = Math.max(latest, rig.fake.now());
  }
  await pass(rig, 2 * RETRY_MS);
  armed.dispose();
  return Math.max(latest, rig.fake.now());
}

/** Lets time pass in small steps, so that what is decided is decided when it was found. */
async function pass(rig: TriggerRig, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= SECOND / 2) await rig.advance(Math.min(left, SECOND / 2));
  await rig.advance(0);
}

/** Every slot until the watermark was decided once, in order; nothing that the clock still shows as past was forgotten. */
function assertComplete(rig: TriggerRig, slots: readonly number[], latest: number): void {
  const watermark = rig.state.watermark ?? rig.state.activatedAt;
  const settled = slots.filter((slot) => slot > rig.state.activatedAt && slot <= watermark);
  assert.equal(sum(rig.decided), settled.length, 'each slot is decided once');
  let taken = 0;
  for (const { dueAt, count } of rig.decided) {
    taken += count;
    assert.equal(settled[taken - 1], dueAt, 'decisions come in order and name their newest slot');
  }
  assert.ok(watermark <= latest, 'nothing is decided before its time');
  const forgotten = slots.filter((slot) => slot > watermark && slot <= rig.fake.now());
  assert.deepEqual(forgotten, [], 'no slot is forgotten');
}

function sum(decided: readonly Decided[]): number {
  return decided.reduce((total, { count }) => total + count, 0);
}

for (const missed of ['skip', 'latest', 'all']) {
  for (const cron of ['*/10 * * * *', '30 0-23 * * *']) {
    test(`whatever happens, "${cron}" with missed: ${missed} decides each slot once`, async () => {
      const zone = 'America/New_York';
      const { fields } = parseCron(cron);
      assert.ok(fields);
      const slots = slotsBySearch(fields, zone, START - 120 * HOUR, START + 240 * HOUR);
      await fc.assert(
        fc.asyncProperty(happenings, async (script) => {
          const rig = new TriggerRig(START);
          const latest = await live(rig, cronTrigger, { cron, timezone: zone, missed, overlap: 'skip' }, script);
          assertComplete(rig, slots, latest);
          if (script.some(({ kind }) => kind === 'trouble')) return;
          for (const { at, dueAt, verdict, count } of rig.decided) {
            const inTime = at - (dueAt ?? 0) <= MISFIRE_AFTER_MS;
            if (missed === 'skip') assert.equal(verdict.kind, inTime ? 'fire' : 'skip');
            if (missed === 'latest' || inTime) assert.equal(verdict.kind, 'fire');
            if (count > 1) assert.equal(verdict.kind, missed === 'latest' ? 'fire' : 'skip');
          }
        }),
        { numRuns: 60 },
      );
    });
  }
}

for (const every of [SECOND, 33 * 60 * SECOND]) {
  test(`whatever happens, an interval of ${every / SECOND} s stands for each slot once and fires once a gap`, async () => {
    await fc.assert(
      fc.asyncProperty(happenings, async (script) => {
        const rig = new TriggerRig(START);
        const latest = await live(rig, intervalTrigger, { every_ms: every, overlap: 'skip' }, script);
        const { activatedAt } = rig.state;
        const count = Math.max(0, Math.floor((latest - activatedAt) / every));
        const slots = Array.from({ length: count }, (_item, index) => activatedAt + (index + 1) * every);
        assertComplete(rig, slots, latest);
        const times = rig.decided.map(({ at }) => at);
        assert.ok(rig.decided.every(({ verdict }) => verdict.kind === 'fire'));
        assert.equal(new Set(times).size, times.length, 'never two at once');
      }),
      { numRuns: 60 },
    );
  });
}

test('an entry that was edited begins anew: nothing from before the edit is due', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 20 * HOUR }), fc.nat(20 * HOUR), async (before, down) => {
      const rig = new TriggerRig(START);
      const spec = { cron: '0 * * * *', timezone: 'UTC', missed: 'all', overlap: 'skip' };
      rig.arm(cronTrigger, spec).dispose();
      rig.fake.jump(before + down);
      rig.state = { activatedAt: rig.fake.now(), watermark: null };
      rig.arm(cronTrigger, { ...spec, cron: '*/30 * * * *' });
      await rig.advance(0);
      assert.deepEqual(rig.decided, []);
      await rig.wakeAt(rig.state.activatedAt + HOUR / 2);
      assert.ok(rig.decided.length > 0);
      for (const { dueAt } of rig.decided) assert.ok((dueAt ?? 0) > rig.state.activatedAt);
    }),
    { numRuns: 50 },
  );
});
