import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownPlaces } from '../../src/engine/places.ts';
import type { EdgeCondition } from '../../src/model/workflow.ts';
import { type PlanTask, plan } from '../support/plan.ts';
import { RunRig } from '../support/run-rig.ts';
import { ScriptedDriver } from '../support/scripted-driver.ts';

const WHEN: readonly EdgeCondition[] = ['success', 'failure', 'any', 'always'];

test('a child of a success and of a failure follows the table', async () => {
  for (const [parentCode, starts] of [
    [0, { success: true, failure: false, any: true, always: true }],
    [3, { success: false, failure: true, any: true, always: true }],
  ] as const) {
    for (const when of WHEN) {
      const driver = new ScriptedDriver((job) => job.exit(job.job.task === 'parent' ? parentCode : 0));
      const rig = new RunRig(plan([{ name: 'parent' }, { name: 'child', after: { parent: when } }]), { driver });
      await rig.end;
      assert.equal(driver.starts.includes('child'), starts[when], `${when} after exit ${parentCode}`);
    }
  }
});

test('a skipped parent satisfies only any and always', async () => {
  const tasks: PlanTask[] = [{ name: 'first' }, { name: 'middle', after: { first: 'failure' } }];
  for (const when of WHEN) tasks.push({ name: `on_${when}`, after: { middle: when } });
  const rig = new RunRig(plan(tasks), { driver: new ScriptedDriver((job) => job.exit(0)) });
  assert.deepEqual(await rig.outcome(), [
    'first: success',
    'middle: skipped/dependency',
    'on_success: skipped/dependency',
    'on_failure: skipped/dependency',
    'on_any: success',
    'on_always: success',
  ]);
});

test('a task decides only when all its parents have ended, and says which edge was unmet', async () => {
  const rig = new RunRig(plan([{ name: 'a' }, { name: 'b' }, { name: 'c', after: { a: 'success', b: 'success' } }]));
  (await rig.driver.started('a')).exit(1);
  const b = await rig.driver.started('b');
  assert.equal(rig.run.state.tasks[2]?.phase, 'pending');
  b.exit(0);
  const { results, status } = await rig.end;
  assert.equal(results.c?.message, 'needs success of task "a", which was failed');
  assert.equal(status, 'failed');
});

test('a failure handler that succeeds does not heal the run', async () => {
  const driver = new ScriptedDriver((job) => job.exit(job.job.task === 'work' ? 1 : 0));
  const rig = new RunRig(plan([{ name: 'work' }, { name: 'handler', after: { work: 'failure' } }]), { driver });
  assert.deepEqual(await rig.outcome(), ['work: failed/exit_code', 'handler: success']);
  assert.equal((await rig.end).status, 'failed');
});

test('continue_on_error keeps the failure in the record, meets success edges, and does not fail the run', async () => {
  const driver = new ScriptedDriver((job) => job.exit(job.job.task === 'work' ? 1 : 0));
  const rig = new RunRig(
    plan([
      { name: 'work', continueOnError: true },
      { name: 'next', after: { work: 'success' } },
      { name: 'handler', after: { work: 'failure' } },
    ]),
    { driver },
  );
  assert.deepEqual(await rig.outcome(), ['work: failed/exit_code', 'next: success', 'handler: skipped/dependency']);
  assert.equal((await rig.end).status, 'success');
});

interface RandomTask {
  readonly edges: readonly (readonly [number, EdgeCondition])[];
  readonly code: number;
  readonly tolerant: boolean;
}

const randomGraph = fc
  .array(
    fc.record({
      edges: fc.array(fc.tuple(fc.nat(1000), fc.constantFrom(...WHEN)), { maxLength: 4 }),
      code: fc.constantFrom(0, 0, 1),
      tolerant: fc.boolean(),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((tasks): RandomTask[] =>
    tasks.map((task, index) => ({
      ...task,
      edges: index === 0 ? [] : [...new Map(task.edges.map(([from, when]) => [from % index, when]))],
    })),
  );

/** The naive model: tasks are in an order in which parents come first, so one pass over the rules of the design is enough. */
function model(tasks: readonly RandomTask[]): string[] {
  const ends: string[] = [];
  for (const task of tasks) {
    const met = task.edges.every(([from, when]) => {
      const parent = ends[from];
      const forgiven = parent === 'failed' && tasks[from]?.tolerant;
      if (when === 'success') return parent === 'success' || forgiven;
      if (when === 'failure') return parent === 'failed' && !forgiven;
      return true;
    });
    ends.push(!met ? 'skipped' : task.code === 0 ? 'success' : 'failed');
  }
  return ends;
}

test('random graphs with random outcomes, places and speeds follow the truth table', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomGraph,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat(3)),
      async (tasks, places, speeds) => {
        const driver = new ScriptedDriver(async (job) => {
          const turns = speeds.next().value ?? 0;
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          job.exit(tasks[Number(job.job.task.slice(1))]?.code ?? 0);
        });
        const named = tasks.map((task, index) => ({
          name: `t${index}`,
          continueOnError: task.tolerant,
          after: Object.fromEntries(task.edges.map(([from, when]) => [`t${from}`, when])),
        }));
        const rig = new RunRig(plan(named), { driver, ports: { places: ownPlaces(places) } });
        const { results, status } = await rig.end;
        const expected = model(tasks);
        assert.deepEqual(
          Object.values(results).map((result) => result.status),
          expected,
        );
        const broken = expected.some((end, index) => end === 'failed' && !tasks[index]?.tolerant);
        assert.equal(status, broken ? 'failed' : 'success');
        assert.ok(driver.peak <= places, `${driver.peak} tasks at once, ${places} allowed`);
        assert.equal(new Set(driver.starts).size, driver.starts.length);
      },
    ),
    { numRuns: 300 },
  );
});
