import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectTasks } from '../../src/cli/select-tasks.ts';
import { loadPlan } from '../support/load-text.ts';

const workflow = await loadPlan(`taskGroup:
  - { name: setup, run: make }
  - name: test
    depends_on: setup
    matrix: { os: [linux, macos], label: [x, "a, (b)"] }
    run: make
  - { name: report, run: make, depends_on: test }
  - { name: alone, run: make }
`);

const select = (...only: string[]) => selectTasks(workflow, only);

test('one combination is found whatever the order and spacing of its pairs', () => {
  for (const name of ['test(os=linux,label=x)', 'test(label=x,os=linux)', ' test( label=x , os=linux )']) {
    assert.deepEqual(select('setup', name), { names: ['setup', 'test(os=linux,label=x)'], problems: [] });
  }
  const { names, problems } = select('setup', 'test(label="a, (b)",os=macos)');
  assert.deepEqual([names, problems], [['setup', 'test(os=macos,label="a, (b)")'], []]);
});

test('the name alone stands for all combinations, and so does one of them for those that need the task', () => {
  assert.deepEqual(select('setup', 'test', 'report'), { names: ['setup', 'test', 'report'], problems: [] });
  assert.deepEqual(select('setup', 'test(os=linux,label=x)', 'report').problems, []);
});

test('what is unknown is told with what there is', () => {
  assert.deepEqual(select('test(os=bsd)', 'alone(a=1)', 'alnoe', 'nothing(a=1)').problems, [
    '--only test(os=bsd): task "test" has no such combination; it has test(os=linux,label=x), test(os=linux,label="a, (b)"), test(os=macos,label=x), test(os=macos,label="a, (b)")',
    '--only alone(a=1): task "alone" has no matrix',
    '--only alnoe: there is no task "alnoe"; did you mean "alone"?; tasks are: setup, test, report, alone',
    '--only nothing(a=1): there is no task "nothing(a=1)"; tasks are: setup, test, report, alone',
  ]);
});

test('what is needed is told once and ready for a shell', () => {
  assert.deepEqual(select('test(os=linux,label=x)').problems, [
    `--only: "test(os=linux,label=x)" needs "setup"; write --only 'setup,test(os=linux,label=x)'`,
  ]);
  assert.deepEqual(select('test').problems, ['--only: "test" needs "setup"; write --only setup,test']);
  assert.deepEqual(select('report').problems, ['--only: "report" needs "test"; write --only setup,test,report']);
});

test('nothing asked for is no selection', () => {
  assert.deepEqual(select(), { names: [], problems: [] });
});
