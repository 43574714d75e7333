import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Admission, type Candidate } from '../../../src/engine/admission/admission.ts';

const GROUP_LIMITS: Readonly<Record<string, number>> = { g: 1, h: 2 };

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      workflow: fc.constantFrom('a', 'b', 'c'),
      group: fc.constantFrom(null, null, 'g', 'h'),
      isSerial: fc.boolean(),
      isCalled: fc.boolean(),
      isConfirmed: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('confirm' as const), which: fc.nat(20) }) },
);

/** The rules, said slowly: a run may be placed when its group's first members include it and no earlier run is in its way. */
function isEligible(present: readonly Candidate[], candidate: Candidate): boolean {
  const { group, workflow, isSerial } = candidate;
  if (isSerial && present.find((each) => each.workflow === workflow) !== candidate) return false;
  if (!group) return true;
  return present.filter((each) => each.group?.name === group.name).indexOf(candidate) < group.limit;
}

test('whatever comes and goes, nobody runs who may not, nobody waits who may run, and each is offered once and confirmed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, most) => {
      const admission = new Admission(most);
      let present: Candidate[] = [];
      const confirmed = new Set<string>();
      const offered = new Set<string>();
      for (const [index, each] of steps.entries()) {
        if (each.kind === 'add') {
          const group = each.group === null ? null : { name: each.group, limit: GROUP_LIMITS[each.group] ?? 1 };
          const { workflow, isSerial, isCalled } = each;
          const candidate = { id: `r${index}`, workflow, group, isSerial, isCalled };
          present.push(candidate);
          admission.add(candidate);
          if (each.isConfirmed) confirm(candidate.id);
        } else {
          const chosen = present[each.which % Math.max(1, present.length)];
          if (chosen && each.kind === 'confirm') confirm(chosen.id);
          if (chosen && each.kind === 'remove') {
            present = present.filter((one) => one !== chosen);
            admission.remove(chosen.id);
            offered.delete(chosen.id);
          }
        }
        for (let id = admission.next(); id !== undefined; id = admission.next()) {
          assert.ok(confirmed.has(id) && !offered.has(id), `${id} was offered and should not have been`);
          offered.add(id);
        }
        const placed = present.length - admission.waiting;
        for (const candidate of present) {
          if (offered.has(candidate.id)) assert.ok(isEligible(present, candidate), `${candidate.id} may not run`);
        }
        const eligible = present.filter((candidate) => isEligible(present, candidate));
        const called = eligible.filter(({ isCalled }) => isCalled).length;
        const expected = called + Math.min(most, eligible.length - called);
        assert.equal(placed, expected, 'somebody waits for nothing, or runs beyond the bound');
      }

      function confirm(id: string): void {
        confirmed.add(id);
        admission.confirm(id);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('workflows take turns, and the runs of one keep their order', () => {
  const admission = new Admission(1);
  const ids = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'];
  for (const id of ids) {
    admission.add({ id, workflow: id.slice(0, 1), group: null, isSerial: false, isCalled: false });
    admission.confirm(id);
  }
  const order: string[] = [];
  for (let id = admission.next(); id !== undefined; id = admission.next()) {
    order.push(id);
    admission.remove(id);
  }
  assert.deepEqual(order, ['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
});
