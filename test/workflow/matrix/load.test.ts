import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { diagnose, loadPlan } from '../../support/load-text.ts';

const FILE = `taskGroup:
  - { name: setup, run: make }
  - name: test
    depends_on: setup
    matrix: { os: [linux, macos], node: [22], include: [{ os: linux, color: red }], max_parallel: 1 }
    run: echo {{ matrix.os }}
    if: eq matrix.node 22
    retry: { attempts: 2 }
    cache: { paths: [dist] }
    continue_on_error: true
  - { name: report, run: make, depends_on: [{ task: test, when: any }, setup] }
`;

test('a matrix task becomes its instances and then their join', async () => {
  const { tasks } = await loadPlan(FILE);
  assert.deepEqual(
    tasks.map(({ index, name }) => [index, name]),
    [
      [0, 'setup'],
      [1, 'test(os=linux,node=22,color=red)'],
      [2, 'test(os=macos,node=22)'],
      [3, 'test'],
      [4, 'report'],
    ],
  );
  assert.deepEqual(
    tasks.map(({ id }) => id),
    ['setup', 'test.311de2', 'test.1ccfcc', 'test', 'report'],
  );
});

test('instances have the parents of the task, the join has its children', async () => {
  const { tasks } = await loadPlan(FILE);
  const always = (task: number) => ({ task, when: 'always' });
  assert.deepEqual(
    tasks.map(({ parents }) => parents),
    [
      [],
      [{ task: 0, when: 'success' }],
      [{ task: 0, when: 'success' }],
      [always(1), always(2)],
      [
        { task: 3, when: 'any' },
        { task: 0, when: 'success' },
      ],
    ],
  );
  assert.deepEqual(
    tasks.map(({ children }) => children),
    [[1, 2, 4], [3], [3], [4], []],
  );
});

test('instances know their values, null where the combination has none; the join runs nothing', async () => {
  const { tasks } = await loadPlan(FILE);
  const [, linux, macos, join] = tasks;
  const role = { kind: 'instance', of: 'test' } as const;
  assert.deepEqual(linux?.matrix, {
    ...role,
    key: 'os=linux,node=22,color=red',
    values: { os: 'linux', node: 22, color: 'red' },
  });
  assert.deepEqual(macos?.matrix, { ...role, key: 'os=macos,node=22', values: { os: 'macos', node: 22, color: null } });
  assert.deepEqual(join?.matrix, { kind: 'join', instances: [1, 2], maxParallel: 1 });
  assert.deepEqual([join?.spec, join?.condition, join?.retry.attempts, join?.cache], [{}, null, 1, null]);
  assert.equal(linux?.retry.attempts, 2);
  assert.deepEqual([join?.continueOnError, linux?.continueOnError], [true, true]);
});

test('the id of a combination stays while others come and go', async () => {
  const ids = async (matrix: string) => {
    const { tasks } = await loadPlan(`taskGroup: [{ name: t, run: make, matrix: ${matrix} }]\n`);
    return new Map(tasks.map(({ name, id }) => [name, id]));
  };
  const before = await ids('{ os: [linux], node: [22] }');
  const after = await ids('{ node: [20, 22], os: [macos, linux] }');
  assert.equal(before.get('t(os=linux,node=22)'), after.get('t(node=22,os=linux)'));
});

test('a file may have no more tasks with all combinations than without', async () => {
  const values = `[${Array.from({ length: 256 }, (_item, index) => index).join(', ')}]`;
  const tasks = (count: number) =>
    Array.from({ length: count }, (_item, index) => `  - { name: t${index}, run: make, matrix: { v: *v } }\n`);
  const file = (count: number) =>
    `taskGroup:\n  - { name: a, run: make, matrix: { v: &v ${values} } }\n${tasks(count).join('')}`;
  const started = performance.now();
  const [diagnostic] = await diagnose(file(2));
  assert.equal(diagnostic, undefined);
  const long = Array.from(
    { length: 4_000 },
    (_item, index) => `  - { name: t${index}, run: x, matrix: { a: [1, 2, 3, 4], b: [1, 2, 3] } }\n`,
  );
  const [tooLarge] = await diagnose(`taskGroup:\n${long.join('')}`);
  assert.equal(tooLarge?.message, 'the file is too large: with all combinations more than 10000 tasks');
  assert.equal(tooLarge?.place.line, 1);
  assert.ok(performance.now() - started < 5_000);
});

test('aliases and merged keys make a matrix like any other', async () => {
  const plan = await loadPlan(`taskGroup:
  - { name: a, run: make, matrix: &m { os: [linux, macos] } }
  - { name: b, run: make, matrix: { node: [22], <<: *m } }
`);
  assert.deepEqual(
    plan.tasks.map(({ name }) => name),
    ['a(os=linux)', 'a(os=macos)', 'a', 'b(node=22,os=linux)', 'b(node=22,os=macos)', 'b'],
  );
});

test('what is cut out of a matrix is told once and nothing follows from it', async () => {
  const said = await diagnose(`taskGroup:
  - { name: a, run: "echo {{ matrix.os }}", matrix: { os: [], exclude: [{ os: x }] } }
  - { name: b, run: "echo {{ matrix.os }}", matrix: [linux] }
`);
  assert.deepEqual(
    said.map(({ code }) => code),
    ['bad-value', 'wrong-type'],
  );
});

test('the example of the manual makes the combinations the manual names', async () => {
  const manual = readFileSync('docs/matrix.md', 'utf8');
  const { tasks } = await loadPlan(/```yaml\n([\s\S]*?)```/.exec(manual)?.[1] ?? '');
  const keys = tasks.flatMap(({ matrix }) => (matrix?.kind === 'instance' ? [matrix.key] : []));
  const named = /The example has the combinations ([\s\S]*?)\.\n/.exec(manual)?.[1] ?? '';
  assert.deepEqual(
    [...named.matchAll(/`([^`]+)`/g)].map((match) => match[1]),
    keys,
  );
  const macos = tasks.find(({ name }) => name === 'test(os=macos,node=24)');
  assert.ok(macos && manual.includes(`\`${macos.id}\``));
});
