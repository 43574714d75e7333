import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Task } from '../../src/model/workflow.ts';
import { diagnose, findings, loadPlan, loadText } from '../support/load-text.ts';

async function firstTask(content: string): Promise<Task> {
  const [task] = (await loadPlan(content)).tasks;
  assert.ok(task);
  return task;
}

test('a short file has all defaults filled in', async () => {
  const plan = await loadPlan('taskGroup: [{ name: a, run: make }]\n');
  assert.equal(plan.id, 'test');
  assert.equal(plan.name, 'test');
  assert.equal(plan.namespace, '');
  assert.equal(plan.timeoutMs, null);
  assert.equal(plan.failFast, false);
  assert.equal(plan.maxParallel, null);
  assert.equal(plan.concurrency, null);
  const [task] = plan.tasks;
  assert.equal(task?.type, 'os_exec');
  assert.deepEqual(task?.spec, { command: 'make' });
  assert.equal(task?.shell, 'default');
  assert.equal(task?.timeoutMs, 6 * 3_600_000);
  assert.equal(task?.maxLogBytes, 100 * 1024 * 1024);
  assert.deepEqual(task?.retry, {
    attempts: 1,
    delayMs: 0,
    backoff: 1,
    maxDelayMs: 3_600_000,
    jitter: 0,
    on: ['exit_code', 'signal', 'timed_out'],
  });
});

test('the first folder of the id is the namespace', async () => {
  const bytes = new TextEncoder().encode('taskGroup: [{ name: a, run: make }]\n');
  const { workflow } = await loadText(bytes, 'ops/db/backup.yml');
  assert.equal(workflow?.id, 'ops/db/backup');
  assert.equal(workflow?.namespace, 'ops');
});

test('what is given under defaults holds for tasks that say nothing', async () => {
  const plan = await loadPlan(
    `defaults: { shell: sh, working_dir: sub, timeout: 1m, retry: { attempts: 3, delay: 1s } }
taskGroup:
  - { name: a, run: make }
  - { name: b, run: make, shell: bash, working_dir: other, timeout: 2m, retry: { attempts: 2 } }
`,
  );
  const [a, b] = plan.tasks;
  assert.deepEqual(
    [a?.shell, a?.workingDir, a?.timeoutMs, a?.retry.attempts, a?.retry.delayMs],
    ['sh', 'sub', 60_000, 3, 1_000],
  );
  assert.deepEqual(
    [b?.shell, b?.workingDir, b?.timeoutMs, b?.retry.attempts, b?.retry.delayMs],
    ['bash', 'other', 120_000, 2, 0],
  );
});

test('dependencies and imports become one edge for each parent, and children mirror them', async () => {
  const plan = await loadPlan(`taskGroup:
  - { name: a, run: make, exports: [{ name: v }, { name: w }] }
  - { name: b, run: make, depends_on: a, imports: [{ from: a, variable: v }, { from: a, variable: w }] }
  - { name: c, run: make, depends_on: [b, { task: a, when: always }] }
  - { name: d, run: make, imports: [{ from: a, variable: w }] }
`);
  assert.deepEqual(
    plan.tasks.map(({ parents }) => parents),
    [
      [],
      [{ task: 0, when: 'success' }],
      [
        { task: 1, when: 'success' },
        { task: 0, when: 'always' },
      ],
      [{ task: 0, when: 'success' }],
    ],
  );
  assert.deepEqual(
    plan.tasks.map(({ children }) => children),
    [[1, 2, 3], [2], [], []],
  );
});

test('a task may stand before the tasks it waits for', async () => {
  const plan = await loadPlan('taskGroup: [{ name: b, run: x, depends_on: a }, { name: a, run: x }]\n');
  assert.deepEqual(plan.tasks[0]?.parents, [{ task: 1, when: 'success' }]);
});

test('numbers and booleans reach a task exactly as written', async () => {
  const task = await firstTask(`taskGroup:
  - name: a
    type: os_exec
    spec: { command: [run, 1.10, 0777, 1e3, 0x1F] }
    env: { A: 1.10, B: TRUE, C: "x", D: , E: 007 }
    tags: { v: 1.0 }
`);
  assert.deepEqual(task.spec, { command: ['run', '1.10', '0777', '1e3', '0x1F'] });
  assert.deepEqual(
    [...task.env],
    [
      ['A', '1.10'],
      ['B', 'TRUE'],
      ['C', 'x'],
      ['D', null],
      ['E', '007'],
    ],
  );
  assert.deepEqual(task.tags, { v: '1.0' });
});

test('a variable may be as long as a system takes it, name and all, and no byte longer', async () => {
  const file = (bytes: number) => `taskGroup: [{ name: a, run: make, env: { NAME: ${'é'.repeat(bytes / 2)} } }]`;
  assert.deepEqual(await findings(file(128 * 1024 - 6)), []);
  assert.deepEqual(await findings(file(128 * 1024 - 4)), ['1:48 bad-value']);
});

test('a delay that is longer than the usual bound is kept as it is', async () => {
  const workflow = await loadPlan(`
taskGroup:
  - { name: short, run: make, retry: { attempts: 2, delay: 1s } }
  - { name: long, run: make, retry: { attempts: 2, delay: 2h } }
`);
  const [short, long] = workflow.tasks.map(({ retry }) => [retry.delayMs, retry.maxDelayMs]);
  assert.deepEqual(
    [short, long],
    [
      [1_000, 3_600_000],
      [7_200_000, 7_200_000],
    ],
  );
});

test('spec.env is merged into the task env and wins', async () => {
  const task = await firstTask(`taskGroup:
  - { name: a, type: os_exec, env: { A: task, B: task }, spec: { command: x, env: { B: spec, C: spec } } }
`);
  assert.deepEqual(
    [...task.env],
    [
      ['A', 'task'],
      ['B', 'spec'],
      ['C', 'spec'],
    ],
  );
  assert.deepEqual(Object.keys(task.spec), ['command']);
});

test('injected files keep their content and mode', async () => {
  const task = await firstTask(`taskGroup:
  - name: a
    run: x
    files:
      - { path: a, text: hi }
      - { path: b, base64: "AA EC", mode: "0755" }
      - { path: c, source: docs/c, mode: "640" }
`);
  assert.deepEqual(task.files, [
    { path: 'a', mode: 0o600, content: { kind: 'text', text: 'hi' } },
    { path: 'b', mode: 0o755, content: { kind: 'base64', data: 'AAEC' } },
    { path: 'c', mode: 0o640, content: { kind: 'source', path: 'docs/c' } },
  ]);
});

test('triggers have their defaults, and an identity that only their content decides', async () => {
  const one = await loadPlan(
    'on: { schedule: [{ cron: "@daily", timezone: UTC }], interval: [{ every: 5m }] }\ntaskGroup: [{ name: a, run: x }]\n',
  );
  const two = await loadPlan(
    'on: { interval: [{ every: 1h }, { every: 5m }], schedule: [{ timezone: UTC, cron: "@daily" }] }\ntaskGroup: [{ name: a, run: x }]\n',
  );
  assert.deepEqual(
    one.triggers.map(({ kind, spec }) => [kind, spec]),
    [
      ['cron', { cron: '@daily', timezone: 'UTC', missed: 'skip', overlap: 'skip' }],
      ['interval', { every_ms: 300_000, overlap: 'skip' }],
    ],
  );
  const identities = new Set(two.triggers.map(({ identity }) => identity));
  for (const { identity } of one.triggers) assert.ok(identities.has(identity));
  assert.equal(identities.size, 3);
});

test('github triggers list their events with their filters', async () => {
  const plan = await loadPlan(
    'on: { github: [{ repositories: [a/b], push: { branches: [main] }, fork: }] }\ntaskGroup: [{ name: a, run: x }]\n',
  );
  const spec = JSON.stringify(plan.triggers[0]?.spec);
  assert.equal(spec, '{"repositories":["a/b"],"allow_forks":false,"events":{"push":{"branches":["main"]},"fork":{}}}');
});

test('concurrency without a group counts the workflow itself', async () => {
  const plan = await loadPlan('concurrency: { limit: 2 }\ntaskGroup: [{ name: a, run: x }]\n');
  assert.deepEqual(plan.concurrency, { group: 'test', limit: 2, onConflict: 'queue' });
});

test('templates are compiled where they stand', async () => {
  const task = await firstTask(`inputs: { a: {} }
taskGroup:
  - name: t
    type: os_exec
    spec: { command: [echo, "{{ inputs.a }}", plain] }
    env: { X: "is {{ inputs.a }}" }
    if: eq inputs.a "x"
`);
  const context = { values: { inputs: { a: 'x' } }, isConfidential: () => false };
  const command = task.spec.command;
  assert.ok(Array.isArray(command));
  assert.equal(command[1].render(context).text, 'x');
  assert.equal(command[2], 'plain');
  const env = task.env.get('X');
  assert.ok(typeof env === 'object' && env !== null);
  assert.equal(env.render(context).text, 'is x');
  assert.equal(task.condition?.evaluate(context).value, true);
});

test('if: true is no condition, if: false is one that never holds', async () => {
  const plan = await loadPlan('taskGroup: [{ name: a, run: x, if: true }, { name: b, run: x, if: false }]\n');
  const context = { values: {}, isConfidential: () => false };
  assert.equal(plan.tasks[0]?.condition, null);
  assert.equal(plan.tasks[1]?.condition?.evaluate(context).value, false);
});

test('inputs of type number may stand in arithmetic, text may not', async () => {
  const script = (type: string) =>
    `inputs: { n: { type: ${type} } }\ntaskGroup: [{ name: a, run: 'echo $(( {{ inputs.n }} + 1 ))' }]\n`;
  assert.deepEqual(await findings(script('number')), []);
  assert.deepEqual(await findings(script('string')), ['2:39 unsafe-template']);
});

test('a mistake in one place does not hide or cause others elsewhere', async () => {
  const said = await findings(`timeout: 5
taskGroup:
  - { name: build, run: make, tiemout: 1 }
  - { name: deploy, run: 5, depends_on: build }
  - { name: "tell all", run: x }
  - { name: after, run: x, depends_on: [tell all, nobody] }
`);
  assert.deepEqual(said, [
    '1:10 wrong-type',
    '3:31 unknown-key',
    '4:26 wrong-type',
    '5:13 bad-name',
    '6:51 unknown-task',
  ]);
});

test('diagnostics come in the order of the file, each once', async () => {
  const said = await diagnose(
    'x: 1\ny: 2\ntaskGroup: [{ name: a, run: make, retry: &r { attempts: 0 } }, { name: b, run: x, retry: *r }]\n',
  );
  assert.deepEqual(
    said.map(({ place }) => place.line),
    [1, 2, 3],
  );
});
