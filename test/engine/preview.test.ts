import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RenderPorts } from '../../src/engine/ports.ts';
import { previewRun, type TaskPreview } from '../../src/engine/preview.ts';
import { MANUAL_FIRING } from '../../src/model/manual-firing.ts';
import type { RunHeader } from '../../src/model/run.ts';
import type { Expression } from '../../src/model/template.ts';
import type { EdgeCondition, Workflow } from '../../src/model/workflow.ts';
import { SecretSet } from '../../src/util/mask/secret-set.ts';
import { loadPlan } from '../support/load-text.ts';
import { plan } from '../support/plan.ts';
import { RunRig } from '../support/run-rig.ts';
import { ScriptedDriver } from '../support/scripted-driver.ts';

function preview(
  workflow: Workflow,
  {
    ports = {},
    header = {},
    given = [],
  }: { ports?: Partial<RenderPorts>; header?: Partial<RunHeader>; given?: string[] } = {},
): readonly TaskPreview[] {
  const all: RenderPorts = {
    masks: new SecretSet(),
    paths: { workspace: '/work', runDir: '/runs/1', eventPath: '/runs/1/event.json' },
    secretValues: new Map(),
    hostEnv: new Map([['PATH', '/bin']]),
    runtimeEnv: new Map(),
    ...ports,
  };
  const base: RunHeader = {
    id: 'run-1',
    number: 1,
    workflow: workflow.id,
    firing: MANUAL_FIRING,
    inputs: {},
    only: null,
    createdAt: 0,
  };
  return previewRun(workflow, { ...base, ...header }, all, new Set(given));
}

const outlook = (previews: readonly TaskPreview[]) =>
  previews.map(({ task, level, fate }) => `${level} ${task.name}: ${fate}`);

test('tasks come level by level, in the order of the file', () => {
  const workflow = plan([
    { name: 'last', after: { left: 'success', right: 'always' } },
    { name: 'right', after: { first: 'success' } },
    { name: 'left', after: { right: 'success' } },
    { name: 'first' },
    { name: 'alone' },
  ]);
  assert.deepEqual(outlook(preview(workflow)), [
    '1 first: runs',
    '1 alone: runs',
    '2 right: runs',
    '3 left: runs',
    '4 last: runs',
  ]);
});

test('what is certain before the run is said: conditions, and skips that follow from them', async () => {
  const workflow = await loadPlan(`
inputs: { channel: { type: string, default: beta } }
taskGroup:
  - { name: never, run: x, if: eq inputs.channel "stable" }
  - { name: child, run: x, depends_on: never }
  - { name: cleanup, run: x, depends_on: [{ task: never, when: any }] }
  - { name: handler, run: x, depends_on: [{ task: cleanup, when: failure }] }
  - { name: after, run: x, depends_on: handler }
  - { name: yes, run: x, if: eq inputs.channel "beta" }
`);
  const previews = preview(workflow, { header: { inputs: { channel: 'beta' } } });
  assert.deepEqual(outlook(previews), [
    '1 never: skipped',
    '1 yes: runs',
    '2 child: skipped',
    '2 cleanup: runs',
    '3 handler: depends',
    '4 after: depends',
  ]);
  assert.equal(previews[1]?.condition, true);
  assert.equal(previews[2]?.reason, 'needs success of "never", which is skipped');
  assert.equal(previews[4]?.reason, 'only if "cleanup" fails');
});

const PASSING = `
inputs: { channel: { type: string, default: beta }, level: { type: number, default: 3 } }
secrets: [TOKEN]
env: { W: "w {{ inputs.channel }}", AUTH: "Bearer {{ secrets.TOKEN }}" }
taskGroup:
  - { name: make, run: x, exports: [{ name: version }] }
  - name: use
    imports: [{ from: make, variable: version }]
    env: { V: "v{{ .make.version }}-{{ inputs.channel }}", T: "{{ inputs.level }}", PATH: null }
    working_dir: "dir-{{ make.version }}"
    run: echo {{ upper make.version }} {{ inputs.channel }}
  - { name: maybe, run: x, imports: [{ from: make, variable: version }], if: eq make.version "1" }
`;

test('what comes from tasks that have not run stands as written, the rest is rendered', async () => {
  const inputs = { channel: 'stable', level: 3 };
  const ports = { secretValues: new Map([['TOKEN', 'open-sesame']]), runtimeEnv: new Map([['R', 'r']]) };
  const [, use, maybe] = preview(await loadPlan(PASSING), { header: { inputs }, ports, given: ['channel'] });
  const env = Object.fromEntries(
    [...(use?.rendered?.environment ?? [])].map(([name, { text, source }]) => [name, [text, source]]),
  );
  assert.deepEqual(env.V, ['v{{ .make.version }}-{{ inputs.channel }}', 'task']);
  assert.deepEqual(env.T, ['3', 'task']);
  assert.deepEqual(env.W, ['w stable', 'workflow']);
  assert.deepEqual(env.R, ['r', 'runtime']);
  assert.deepEqual(env.PATH, ['/bin', 'host']);
  assert.deepEqual(env.RUNNER_TASK, ['use', 'system']);
  assert.deepEqual(env._R1, ['{{ upper make.version }}', 'reserved']);
  assert.deepEqual(env._R2, ['stable', 'reserved']);
  assert.equal(use?.rendered?.job.workingDir, 'dir-{{ make.version }}');
  assert.equal(use?.rendered?.environment.get('AUTH')?.confidential, true);
  assert.equal(maybe?.fate, 'depends');
  assert.equal(maybe?.reason, 'its "if" reads make.version');
  assert.equal(maybe?.condition, null);
});

test('each value that is read has a source', async () => {
  const ports = { secretValues: new Map([['TOKEN', 'open-sesame']]) };
  const [, use] = preview(await loadPlan(PASSING), {
    header: { inputs: { channel: 'stable', level: 3 } },
    ports,
    given: ['channel'],
  });
  const values = Object.fromEntries((use?.values ?? []).map(({ name, value, source }) => [name, [value, source]]));
  assert.deepEqual(values, {
    'inputs.channel': ['stable', 'input'],
    'inputs.level': ['3', 'default'],
    'secrets.TOKEN': ['***', 'secret'],
    'make.version': [null, 'task make'],
  });
});

test('a value that is known to be missing fails the task, and skips what needs it', async () => {
  const workflow = await loadPlan(`
taskGroup:
  - { name: a, run: "echo {{ trigger.payload.nothing }}" }
  - { name: b, run: x, depends_on: a }
  - { name: c, run: x, depends_on: [{ task: a, when: failure }] }
`);
  const previews = preview(workflow);
  assert.deepEqual(outlook(previews), ['1 a: fails', '2 b: skipped', '2 c: runs']);
  assert.match(previews[0]?.reason ?? '', /nothing/);
});

test('tasks that were not asked for are skipped', () => {
  const workflow = plan([{ name: 'a' }, { name: 'b', after: { a: 'success' } }]);
  assert.deepEqual(outlook(preview(workflow, { header: { only: ['a'] } })), ['1 a: runs', '2 b: skipped']);
});

const WHEN: readonly EdgeCondition[] = ['success', 'failure', 'any', 'always'];
const randomTasks = fc.array(
  fc.record({
    edges: fc.array(fc.tuple(fc.nat(1000), fc.constantFrom(...WHEN)), { maxLength: 3 }),
    holds: fc.constantFrom(null, null, true, false),
    code: fc.constantFrom(0, 0, 1),
  }),
  { minLength: 1, maxLength: 10 },
);

function constant(value: boolean): Expression {
  return {
    kind: 'expression',
    source: String(value),
    references: [],
    evaluate: () => ({ value, confidential: false }),
  };
}

test('a plan never contradicts the run that follows, however its tasks end', async () => {
  await fc.assert(
    fc.asyncProperty(randomTasks, fc.boolean(), async (tasks, failures) => {
      const workflow = plan(
        tasks.map(({ edges, holds }, index) => ({
          name: `t${index}`,
          condition: holds === null ? null : constant(holds),
          after: index === 0 ? {} : Object.fromEntries(edges.map(([from, when]) => [`t${from % index}`, when])),
        })),
      );
      const code = (name: string): number => (failures ? (tasks[Number(name.slice(1))]?.code ?? 0) : 0);
      const driver = new ScriptedDriver((job) => job.exit(code(job.job.task)));
      const { results } = await new RunRig(workflow, { driver }).end;
      for (const { task, fate } of preview(workflow)) {
        if (fate === 'skipped') assert.equal(results[task.name]?.status, 'skipped', task.name);
        if (fate === 'runs' && !failures) assert.equal(results[task.name]?.status, 'success', task.name);
      }
    }),
    { numRuns: 200 },
  );
});

test('the combinations of a matrix are planned each for itself, and what needs them comes a level later', async () => {
  const workflow = await loadPlan(`taskGroup:
  - name: m
    matrix: { os: [linux, macos, bsd] }
    if: ne matrix.os "bsd"
    run: echo {{ matrix.os }}
    exports: [{ name: v }]
  - { name: report, run: "echo {{ json m.v }}", imports: [{ from: m, variable: v }] }
`);
  const previews = preview(workflow);
  assert.deepEqual(outlook(previews), [
    '1 m(os=linux): runs',
    '1 m(os=macos): runs',
    '1 m(os=bsd): skipped',
    '2 report: runs',
  ]);
  assert.deepEqual(previews[0]?.values, [{ name: 'matrix.os', value: 'linux', source: 'matrix' }]);
  const one = preview(workflow, { header: { only: ['m(os=macos)'] } });
  assert.deepEqual(
    outlook(one).map((line) => line.split(': ')[1]),
    ['skipped', 'runs', 'skipped', 'skipped'],
  );
  const none = preview(workflow, { header: { only: ['m(os=bsd)', 'report'] } });
  assert.deepEqual(outlook(none).at(-1), '2 report: skipped');
});
