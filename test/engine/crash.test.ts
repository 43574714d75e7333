import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EdgeCondition, Retry } from '../../src/model/workflow.ts';
import { compileText } from '../../src/template/compile.ts';
import { plan } from '../support/plan.ts';
import type { SchedulerRig } from '../support/scheduler-rig.ts';
import { type Scenario, survive, surviveAlways } from '../support/survive.ts';
import { exited, World } from '../support/world.ts';

const RETRY: Retry = { attempts: 3, delayMs: 1_000, backoff: 1, maxDelayMs: 1_000, jitter: 0, on: ['exit_code'] };

interface Case {
  readonly scenario: Scenario;
  /** What it comes to when nothing goes wrong. */
  readonly expected: readonly string[];
  /** Most processes that may be alive at the same time. */
  readonly mostAtOnce?: number;
}

const SCENARIOS: Readonly<Record<string, Case>> = {
  'runs of one group wait for each other': {
    scenario: {
      workflows: ['x', 'y'].map((id) =>
        plan([{ name: 'a' }], { id, concurrency: { group: 'g', limit: 1, onConflict: 'queue' } }),
      ),
      world: () => new World(),
      request(rig) {
        const [x, y] = this.workflows;
        const wishes = [x, y, x].flatMap((each, index) =>
          each ? [rig.slot(each, `slot-${index}`, { overlap: index === 2 ? 'queue' : 'allow' })] : [],
        );
        return { wishes };
      },
      act: ({ world }) => {
        for (const { job } of world.alive) world.end('a', exited(0), job.runId);
      },
    },
    expected: ['x a: success', 'x a: success', 'y a: success'],
    mostAtOnce: 1,
  },
  'a schedule fires': {
    scenario: {
      workflows: [plan([{ name: 'a' }], { id: 'ci' })],
      world: () => new World(() => ({ exit: exited(0) })),
      request(rig) {
        const wishes = this.workflows.map((each) => rig.slot(each, '2026-01-01T00:00:00Z'));
        const state = { activatedAt: 0, watermark: 1 };
        return { wishes, triggerStates: [{ workflow: 'ci', trigger: 'cron:1', state }] };
      },
    },
    expected: ['ci a: success'],
  },
  'a delivery fires two workflows': {
    scenario: {
      workflows: ['x', 'y'].map((id) => plan([{ name: 'a' }], { id })),
      world: () => new World(() => ({ exit: exited(0) })),
      request(rig) {
        const wishes = this.workflows.map((each) =>
          rig.slot(each, 'delivery-1', { trigger: 'github:1', kind: 'github', overlap: 'allow' }),
        );
        const delivery = { source: 'github', id: 'delivery-1', event: 'push', bodyHash: 'h', at: 0 };
        return rig.state.delivery('github', 'delivery-1') ? { wishes: [] } : { wishes, delivery };
      },
    },
    expected: ['x a: success', 'y a: success'],
  },
  'a graph passes exports on': {
    scenario: {
      workflows: [graphWithExports()],
      world: () =>
        new World(({ task, env }) => {
          if (task === 'version') return { exit: exited(0), outputs: 'version=1.2\n' };
          return { exit: exited(task === 'build' && env.VERSION !== '1.2' ? 9 : 0) };
        }),
      request: once,
    },
    expected: ['ci build: success', 'ci cry: skipped/dependency', 'ci publish: success', 'ci version: success'],
  },
  'a run is cancelled': {
    scenario: {
      workflows: [
        plan([{ name: 'a' }, { name: 'b', after: { a: 'success' } }, { name: 'z', after: { a: 'always' } }], {
          id: 'ci',
        }),
      ],
      world: () => new World(({ task }) => (task === 'z' ? { exit: exited(0) } : null)),
      request: once,
      act: cancelOnce,
    },
    expected: ['ci a: cancelled/user', 'ci b: cancelled/user', 'ci z: success'],
  },
  'a task passes its time limit': {
    scenario: {
      workflows: [
        plan(
          [
            { name: 'a', timeoutMs: 5_000 },
            { name: 'b', after: { a: 'failure' } },
          ],
          { id: 'ci' },
        ),
      ],
      world: () => new World(({ task }) => (task === 'a' ? null : { exit: exited(0) })),
      request: once,
    },
    expected: ['ci a: failed/timed_out', 'ci b: success'],
  },
  'a task passes its time limit and is tried again': {
    scenario: {
      workflows: [plan([{ name: 'a', timeoutMs: 5_000, retry: { ...RETRY, on: ['timed_out'] } }], { id: 'ci' })],
      world: () => new World(({ attempt }) => (attempt < 3 ? null : { exit: exited(0) })),
      request: once,
    },
    expected: ['ci a: success'],
  },
  'a task is tried again': {
    scenario: {
      workflows: [plan([{ name: 'a', retry: RETRY }], { id: 'ci' })],
      world: () => new World(({ attempt }) => ({ exit: exited(attempt === 3 ? 0 : 1) })),
      request: once,
    },
    expected: ['ci a: success'],
  },
};

for (const [name, { scenario, expected, mostAtOnce = 2 }] of Object.entries(SCENARIOS)) {
  test(`${name}: a commit that fails, whichever, delays it and changes nothing`, async () => {
    const faults = await surviveAlways(scenario, 'fails', ({ ends, rig }, nth) => {
      assert.deepEqual(ends, expected, `commit ${nth}`);
      assert.equal(rig.troubles.at(-1) ?? null, null);
    });
    assert.ok(faults >= 4, `only ${faults} commits were tried`);
  });

  for (const fault of ['lost', 'kept'] as const) {
    test(`${name}: death at any commit, which is ${fault}, ends nothing twice and loses at most what had begun`, async () => {
      await surviveAlways(scenario, fault, ({ ends, rig }, nth) => {
        const isLost = ends.some((end) => end.endsWith('failed/lost'));
        if (!isLost) assert.deepEqual(ends, expected, `commit ${nth}`);
        assert.equal(ends.length, expected.length);
        assert.ok(rig.world.peak <= mostAtOnce, `${rig.world.peak} at once`);
      });
    });
  }
}

function once(this: Scenario, rig: Parameters<Scenario['request']>[0]): ReturnType<Scenario['request']> {
  return { wishes: this.workflows.map((each) => rig.slot(each, 'slot')) };
}

/** Turns in which each daemon had something to cancel. */
const turns = new WeakMap<SchedulerRig['scheduler'], number>();

/** Cancels what still runs after a few turns of a daemon: time enough for it to end by a cancel of the daemon before. */
function cancelOnce({ scheduler, world }: SchedulerRig): void {
  const [process] = world.alive;
  if (!process) return;
  const turn = (turns.get(scheduler) ?? 0) + 1;
  turns.set(scheduler, turn);
  if (turn === 3) void scheduler.cancel(process.job.runId);
}

function graphWithExports() {
  const version = { name: 'version', confidential: false, scope: 'global', optional: false } as const;
  const tasks = [
    { name: 'version', exports: [version] },
    {
      name: 'build',
      after: { version: 'success' },
      imports: [{ from: 'version', variable: 'version' }],
      env: new Map([['VERSION', compileText('{{ version.version }}').value]]),
    },
    { name: 'publish', after: { build: 'success' } },
    { name: 'cry', after: { build: 'failure' } },
  ] as const;
  return plan(tasks, { id: 'ci' });
}

const randomTask = fc.record({
  edges: fc.array(fc.tuple(fc.nat(20), fc.constantFrom<EdgeCondition>('success', 'failure', 'any', 'always')), {
    maxLength: 3,
  }),
  codes: fc.array(fc.constantFrom(0, 0, 1), { minLength: 3, maxLength: 3 }),
  retry: fc.boolean(),
  /** What the process does while nobody looks: it is killed without a trace, it ends, or it lives on. */
  fate: fc.constantFrom('killed', 'ends', 'lives'),
  slow: fc.boolean(),
});

test('random graphs with random outcomes end as if nothing had happened, but for what was lost, wherever they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(randomTask, { minLength: 1, maxLength: 7 }),
      fc.constantFrom('lost' as const, 'kept' as const),
      async (tasks, fault) => {
        const named = tasks.map((task, index) => ({
          name: `t${index}`,
          ...(task.retry ? { retry: RETRY } : {}),
          after: Object.fromEntries(index === 0 ? [] : task.edges.map(([from, when]) => [`t${from % index}`, when])),
        }));
        const of = (name: string) => tasks[Number(name.slice(1))] ?? assert.fail();
        const exitOf = (task: string, attempt: number) => exited(of(task).codes[attempt - 1] ?? 0);
        const scenario: Scenario = {
          workflows: [plan(named, { id: 'ci' })],
          world: () => new World(({ task, attempt }) => (of(task).slow ? null : { exit: exitOf(task, attempt) })),
          request: once,
          act: ({ world }) => {
            for (const { job } of world.alive) world.end(job.task, exitOf(job.task, job.attempt));
          },
          onDeath: (world) => {
            for (const { job } of world.alive) {
              const { fate } = of(job.task);
              if (fate === 'killed') world.forget(job.task);
              if (fate === 'ends') world.end(job.task, exitOf(job.task, job.attempt));
            }
          },
        };
        const { ends: undisturbed } = await survive(scenario, fault, Number.POSITIVE_INFINITY);
        await surviveAlways(scenario, fault, ({ ends }, nth) => {
          const isLost = ends.some((end) => end.endsWith('failed/lost'));
          if (!isLost) assert.deepEqual(ends, undisturbed, `commit ${nth}`);
          assert.equal(ends.length, undisturbed.length);
        });
      },
    ),
    { numRuns: 60 },
  );
});
