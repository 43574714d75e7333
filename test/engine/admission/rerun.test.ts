import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type RerunScope, rerunWish } from '../../../src/engine/admission/rerun.ts';
import type { Workflow } from '../../../src/model/workflow.ts';
import { compileText } from '../../../src/template/compile.ts';
import { matrix } from '../../support/matrix-plan.ts';
import { type PlanTask, plan } from '../../support/plan.ts';
import { SchedulerRig } from '../../support/scheduler-rig.ts';
import { exited, World } from '../../support/world.ts';

/** A machine on which the tasks named fail in the first run, and only there. */
function rigOf(t: TestContext, ...failing: string[]): SchedulerRig {
  const world = new World(({ task, env }) => {
    const code = env.RUNNER_RUN_NUMBER === '1' && failing.includes(task) ? 1 : 0;
    return { exit: exited(code), outputs: `value=${task}${env.READ ?? ''}\n` };
  });
  const rig = new SchedulerRig({ world });
  t.after(() => rig.remove());
  return rig;
}

async function runOf(rig: SchedulerRig, workflow: Workflow): Promise<string> {
  const { run } = await rig.scheduler.fire(rig.wish(workflow, { env: { E: '1' }, withSecrets: false }));
  return (await rig.ended(run?.header.id ?? '')).header.id;
}

/** The wish to repeat a run. */
async function wishOf(rig: SchedulerRig, run: string, scope: RerunScope, workflow: Workflow) {
  const events = await rig.state.events(run);
  const first = events[0];
  if (first?.type !== 'run-created') return assert.fail();
  const ends = new Map(events.flatMap((event) => (event.type === 'task-ended' ? [[event.task, event.end]] : [])));
  return rerunWish({ record: rig.record(run), header: first.run, ends }, workflow, scope, 'rerun');
}

/** Repeats a run; gives its record, and the tasks that were started for it. */
async function repeat(rig: SchedulerRig, run: string, scope: RerunScope, workflow: Workflow) {
  const wish = (await wishOf(rig, run, scope, workflow)) ?? assert.fail('no such task');
  const outcome = await rig.scheduler.fire(wish);
  const record = await rig.ended(outcome.run?.header.id ?? '');
  const starts = rig.world.starts.filter((start) => start.startsWith(record.header.id));
  return { record, starts: starts.map((start) => start.split('/')[1]) };
}

const VALUE = { name: 'value', confidential: false, scope: 'global', optional: false } as const;
const READ = compileText('{{ make.value }}').value;

const GRAPH: readonly PlanTask[] = [
  { name: 'make', exports: [VALUE] },
  {
    name: 'use',
    after: { make: 'success' },
    imports: [{ from: 'make', variable: 'value' }],
    exports: [VALUE],
    env: new Map([['READ', READ]]),
  },
  { name: 'publish', after: { use: 'success' } },
  { name: 'cry', after: { use: 'failure' } },
  { name: 'other' },
];

test('all of a run is done again, with its inputs, variables and rights', async (t) => {
  const rig = rigOf(t);
  const run = await runOf(rig, plan(GRAPH));
  const { record, starts } = await repeat(rig, run, { kind: 'all' }, plan(GRAPH));
  assert.deepEqual(starts.sort(), ['make', 'other', 'publish', 'use']);
  const { rerunOf, env, withSecrets, initiator, header } = record;
  assert.deepEqual(
    { rerunOf, env, withSecrets, initiator, number: header.number },
    {
      rerunOf: run,
      env: { E: '1' },
      withSecrets: false,
      initiator: 'rerun',
      number: 2,
    },
  );
});

test('only what failed and what depends on it is done again, with the exports of the first run', async (t) => {
  const rig = rigOf(t, 'use');
  const run = await runOf(rig, plan(GRAPH));
  const { record, starts } = await repeat(rig, run, { kind: 'failed' }, plan(GRAPH));
  assert.deepEqual(starts, ['use', 'publish']);
  assert.equal(record.status, 'success');
  const ends = (await rig.state.events(record.header.id)).filter((event) => event.type === 'task-ended');
  const used = ends.find(({ task }) => task === 'use')?.end;
  assert.equal(used?.status === 'success' && used.outputs.value?.value, 'usemake');
  const made = ends.find(({ task }) => task === 'make')?.end;
  assert.deepEqual(made?.status === 'success' && made.notes, [`taken over from run ${run}`]);
  assert.deepEqual(ends.find(({ task }) => task === 'cry')?.end.status, 'skipped');
});

test('a run is done again from a task on; of a matrix task only the combinations that failed', async (t) => {
  const rig = rigOf(t, 'test(v=b)');
  const graph = plan(GRAPH, { id: 'graph' });
  const from = await repeat(rig, await runOf(rig, graph), { kind: 'from', task: 'use' }, graph);
  assert.deepEqual(from.starts, ['use', 'publish']);
  const tasks = [...matrix({ name: 'test', keys: ['a', 'b'] }), { name: 'after', after: { test: 'success' } as const }];
  const workflow = plan(tasks, { id: 'matrix' });
  const run = await runOf(rig, workflow);
  const { starts, record } = await repeat(rig, run, { kind: 'failed' }, workflow);
  assert.deepEqual([starts, record.status], [['test(v=b)', 'after'], 'success']);
  const all = await repeat(rig, run, { kind: 'from', task: 'test' }, workflow);
  assert.deepEqual(all.starts, ['test(v=a)', 'test(v=b)', 'after']);
});

test('a failure that is taken over does not end the others under fail_fast', async (t) => {
  const rig = rigOf(t, 'other');
  const workflow = plan(GRAPH, { failFast: true, maxParallel: 1 });
  const run = await runOf(rig, plan(GRAPH));
  const { starts, record } = await repeat(rig, run, { kind: 'from', task: 'make' }, workflow);
  assert.deepEqual([starts, record.status], [['make', 'use', 'publish'], 'failed']);
});

test('a file that changed since is repeated as it is now: new tasks run, inputs it has lost are left out', async (t) => {
  const rig = rigOf(t);
  const run = await runOf(rig, plan(GRAPH));
  const input = { name: 'level', type: 'number', description: '', values: null, default: 3, required: false } as const;
  const current = plan([...GRAPH, { name: 'new' }], { inputs: new Map([['level', input]]) });
  const { starts, record } = await repeat(rig, run, { kind: 'failed' }, current);
  assert.deepEqual([starts, { ...record.header.inputs }], [['new'], { level: 3 }]);
});

test('a task that the run does not have, and inputs that do not fit any more, are said', async (t) => {
  const rig = rigOf(t);
  const run = await runOf(rig, plan(GRAPH));
  assert.equal(await wishOf(rig, run, { kind: 'from', task: 'nothing' }, plan(GRAPH)), null);
  const input = { name: 'to', type: 'string', description: '', values: null, default: null, required: true } as const;
  const wish = await wishOf(rig, run, { kind: 'all' }, plan(GRAPH, { inputs: new Map([['to', input]]) }));
  assert.match(wish && 'problem' in wish.workflow ? wish.workflow.problem : '', /input "to" is required/);
});
