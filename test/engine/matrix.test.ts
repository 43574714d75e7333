import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { taskContext } from '../../src/engine/context.ts';
import { joinEnd } from '../../src/engine/join.ts';
import { ownPlaces } from '../../src/engine/places.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { TaskEnd } from '../../src/model/run.ts';
import type { Task } from '../../src/model/workflow.ts';
import { compileExpression, compileText } from '../../src/template/compile.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { matrix } from '../support/matrix-plan.ts';
import { plan } from '../support/plan.ts';
import { RunRig } from '../support/run-rig.ts';
import { ScriptedDriver } from '../support/scripted-driver.ts';

const ENDS: Readonly<Record<string, TaskEnd>> = {
  success: { status: 'success', exitCode: 0, outputs: {}, cached: false },
  cached: { status: 'success', exitCode: 0, outputs: {}, cached: true },
  failed: { status: 'failed', reason: 'exit_code', exitCode: 3, message: 'exit code 3', outputs: {} },
  cancelled: { status: 'cancelled', reason: 'user', exitCode: null, message: 'cancelled' },
  skipped: { status: 'skipped', reason: 'condition', message: 'if: no' },
  left: { status: 'skipped', reason: 'not_selected', message: 'not among the tasks asked for' },
};

/** The rules of the design, one after the other. */
function expectedEnd(names: readonly string[]): string {
  const asked = names.filter((name) => name !== 'left');
  if (asked.length === 0) return 'skipped/not_selected';
  if (asked.includes('cancelled')) return 'cancelled/user';
  if (asked.includes('failed')) return 'failed/exit_code';
  if (asked.every((name) => name === 'skipped')) return 'skipped/condition';
  return asked.every((name) => name === 'cached' || name === 'skipped') ? 'success/cached' : 'success/ran';
}

test('a join ends as its instances tell, for every three ends', () => {
  const names = Object.keys(ENDS);
  for (const three of names.flatMap((a) => names.flatMap((b) => names.map((c) => [a, b, c])))) {
    const end = joinEnd(three.map((name) => ENDS[name] as TaskEnd));
    const detail = end.status === 'success' ? (end.cached ? 'cached' : 'ran') : end.reason;
    assert.equal(`${end.status}/${detail}`, expectedEnd(three), three.join(' '));
  }
});

test('a failed join says how many of its combinations failed, with reason and exit code of the first', async () => {
  const rig = new RunRig(
    plan([
      ...matrix({ name: 'm', keys: ['a', 'b', 'c'] }),
      { name: 'next', after: { m: 'success' } },
      { name: 'handler', after: { m: 'failure' } },
    ]),
  );
  (await rig.driver.started('m(v=a)')).exit(0);
  (await rig.driver.started('m(v=b)')).exit(4);
  (await rig.driver.started('m(v=c)')).end({ kind: 'signaled', signal: 'SIGSEGV' });
  (await rig.driver.started('handler')).exit(0);
  const { results, status } = await rig.end;
  assert.equal(status, 'failed');
  const { m, next, handler } = results;
  assert.deepEqual([m?.status, m?.reason, m?.exit_code], ['failed', 'exit_code', 4]);
  assert.equal(m?.message, '2 of 3 combinations failed: exit code 4');
  assert.deepEqual([next?.reason, handler?.status], ['dependency', 'success']);
});

test('a matrix task that may fail lets its children start and the run succeed', async () => {
  const tasks = [
    ...matrix({ name: 'm', keys: ['a', 'b'], continueOnError: true }),
    { name: 'next', after: { m: 'success' } as const },
  ];
  const rig = new RunRig(plan(tasks, { failFast: true }), {
    driver: new ScriptedDriver((job) => job.exit(job.job.task === 'm(v=a)' ? 1 : 0)),
  });
  assert.deepEqual(await rig.outcome(), ['m: failed/exit_code', 'next: success']);
  assert.equal((await rig.end).status, 'success');
});

test('each combination answers the condition for itself', async () => {
  const condition = compileExpression('eq matrix.v "b"').value;
  const rig = new RunRig(plan(matrix({ name: 'm', keys: ['a', 'b'], condition })), {
    driver: new ScriptedDriver((job) => job.exit(0)),
  });
  assert.deepEqual(await rig.outcome(), ['m: success']);
  const instances = (await rig.end).results.m?.instances ?? [];
  assert.deepEqual(
    instances.map(({ status, reason }) => [status, reason]),
    [
      ['skipped', 'condition'],
      ['success', null],
    ],
  );
});

test('an instance reads its values, and knows the name it has in the file', async () => {
  const spec = { text: compileText('{{ matrix.v }}').value };
  const rig = new RunRig(plan(matrix({ name: 'm', keys: ['a', 'b'], spec })));
  const { job, exit } = await rig.driver.started('m(v=b)');
  assert.equal(job.spec.text, 'b');
  assert.equal(job.env.RUNNER_TASK, 'm');
  assert.equal(job.env.RUNNER_TASK_ID, 'run-1.m.b.1');
  assert.equal(job.env.OUTPUT_FILE, `${rig.folder}/outputs/m.b.1`);
  exit(0);
  (await rig.driver.started('m(v=a)')).exit(0);
  await rig.end;
});

test('max_parallel of a matrix holds only its own instances back', async () => {
  const tasks = [...matrix({ name: 'm', keys: ['a', 'b', 'c'], maxParallel: 1 }), { name: 'x' }, { name: 'y' }];
  const rig = new RunRig(plan(tasks), { ports: { places: ownPlaces(2) } });
  await rig.driver.started('m(v=a)');
  (await rig.driver.started('x')).exit(0);
  const y = await rig.driver.started('y');
  (await rig.driver.started('m(v=a)')).exit(0);
  (await rig.driver.started('m(v=b)')).exit(0);
  y.exit(0);
  (await rig.driver.started('m(v=c)')).exit(0);
  await rig.end;
  assert.deepEqual(rig.driver.starts, ['m(v=a)', 'x', 'y', 'm(v=b)', 'm(v=c)']);
});

test('an instance that was set aside and then cancelled does not keep the next one waiting', async () => {
  const workflow = plan(matrix({ name: 'm', keys: ['a', 'b', 'c'], maxParallel: 1 }));
  const rig = new RunRig(workflow);
  const a = await rig.driver.started('m(v=a)');
  rig.run.cancel('user', workflow.tasks[1]);
  a.exit(0);
  (await rig.driver.started('m(v=c)')).exit(0);
  assert.deepEqual(await rig.outcome(), ['m: cancelled/user']);
  assert.equal((await rig.end).results.m?.message, '1 of 3 combinations cancelled');
});

const randomMatrices = fc.record({
  matrices: fc.array(fc.record({ size: fc.integer({ min: 1, max: 6 }), most: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  ordinary: fc.nat(4),
  places: fc.integer({ min: 1, max: 5 }),
  cancelled: fc.array(fc.nat(20), { maxLength: 3 }),
  retries: fc.boolean(),
});

/** Most tasks that held a place at the same time: of each name in the file, and of all. */
function peaksOf(events: readonly RunEvent[]): Map<string, number> {
  const running = new Set<string>();
  const peaks = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'task-starting') running.add(event.task);
    else if (event.type === 'task-retrying' || event.type === 'task-ended') running.delete(event.task);
    const names = [...running].map((task) => task.replace(/\(.*/, ''));
    for (const name of names)
      peaks.set(name, Math.max(peaks.get(name) ?? 0, names.filter((other) => other === name).length));
    peaks.set('all', Math.max(peaks.get('all') ?? 0, names.length));
  }
  return peaks;
}

test('whatever the bounds, places, speeds, retries and cancels: every run ends and no bound is passed', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomMatrices,
      fc.infiniteStream(fc.nat(3)),
      async ({ matrices, ordinary, places, cancelled, retries }, speeds) => {
        let at = 0;
        const retry = {
          attempts: retries ? 2 : 1,
          delayMs: 0,
          backoff: 1,
          maxDelayMs: 0,
          jitter: 0,
          on: ['exit_code'],
        };
        const tasks = matrices.flatMap(({ size, most }, index) => {
          const made = matrix({ name: `m${index}`, keys: [...'abcdef'.slice(0, size)], at, maxParallel: most, retry });
          at += made.length;
          return made;
        });
        const workflow = plan([
          ...tasks,
          ...Array.from({ length: ordinary }, (_item, index) => ({ name: `t${index}` })),
        ]);
        const driver = new ScriptedDriver(async (job) => {
          for (let turn = speeds.next().value ?? 0; turn > 0; turn -= 1) await Promise.resolve();
          job.exit(job.job.attempt === 1 && retries ? 1 : 0);
        });
        const rig = new RunRig(workflow, { driver, ports: { places: ownPlaces(places) } });
        for (const index of cancelled) rig.run.cancel('user', workflow.tasks[index % workflow.tasks.length]);
        const ticking = setInterval(() => rig.clock.advance(1), 0);
        const { results } = await rig.end;
        clearInterval(ticking);
        const peaks = peaksOf(rig.events);
        assert.ok((peaks.get('all') ?? 0) <= places);
        for (const [index, { most }] of matrices.entries()) assert.ok((peaks.get(`m${index}`) ?? 0) <= most);
        assert.equal(Object.keys(results).length, matrices.length + ordinary);
      },
    ),
    { numRuns: 100 },
  );
});

test('a cancel ends the instances, and the join with the last of them', async () => {
  const tasks = [
    ...matrix({ name: 'm', keys: ['a', 'b'], maxParallel: 1 }),
    { name: 'cleanup', after: { m: 'always' } as const },
  ];
  const rig = new RunRig(plan(tasks));
  await rig.driver.started('m(v=a)');
  rig.run.cancel('user');
  (await rig.driver.started('cleanup')).exit(0);
  assert.deepEqual(await rig.outcome(), ['m: cancelled/user', 'cleanup: success']);
  const order = rig.events.flatMap((event) => (event.type === 'task-ended' ? [event.task] : []));
  assert.deepEqual(order, ['m(v=b)', 'm(v=a)', 'm', 'cleanup']);
});

test('a second cancel does not end a join before its instances either', async () => {
  const rig = new RunRig(plan(matrix({ name: 'm', keys: ['a', 'b'] })));
  await rig.driver.started('m(v=b)');
  rig.run.cancel('user');
  rig.run.cancel('user');
  assert.deepEqual(await rig.outcome(), ['m: cancelled/user']);
  assert.equal(
    rig.events
      .filter((event) => event.type === 'task-ended')
      .map((event) => event.task)
      .at(-1),
    'm',
  );
});

test('fail_fast ends the other combinations', async () => {
  const rig = new RunRig(plan(matrix({ name: 'm', keys: ['a', 'b'] }), { failFast: true }));
  await rig.driver.started('m(v=b)');
  (await rig.driver.started('m(v=a)')).exit(1);
  const { results, status } = await rig.end;
  assert.equal(status, 'failed');
  assert.deepEqual(
    results.m?.instances?.map((one) => one.reason),
    ['exit_code', 'fail_fast'],
  );
  assert.equal(results.m?.status, 'failed');
});

test('to cancel a matrix task is to cancel all its combinations', async () => {
  const workflow = plan(matrix({ name: 'm', keys: ['a', 'b'], maxParallel: 1 }));
  const rig = new RunRig(workflow);
  await rig.driver.started('m(v=a)');
  rig.run.cancel('user', workflow.tasks[2]);
  assert.deepEqual(await rig.outcome(), ['m: cancelled/user']);
  assert.deepEqual(rig.driver.starts, ['m(v=a)']);
});

test('one combination alone: what was not asked for does not count', async () => {
  const tasks = [
    ...matrix({ name: 'm', keys: ['a', 'b'] }),
    ...matrix({ name: 'other', keys: ['a'], at: 3 }),
    { name: 'x' },
  ];
  const rig = new RunRig(plan(tasks), { header: { only: ['m(v=b)'] } });
  (await rig.driver.started('m(v=b)')).exit(0);
  assert.deepEqual(await rig.outcome(), ['m: success', 'other: skipped/not_selected', 'x: skipped/not_selected']);
  assert.deepEqual(rig.driver.starts, ['m(v=b)']);
});

test('the name of a matrix task asks for all its combinations', async () => {
  const rig = new RunRig(plan([...matrix({ name: 'm', keys: ['a', 'b'] }), { name: 'x' }]), {
    header: { only: ['m'] },
    driver: new ScriptedDriver((job) => job.exit(0)),
  });
  assert.deepEqual(await rig.outcome(), ['m: success', 'x: skipped/not_selected']);
  assert.deepEqual(rig.driver.starts, ['m(v=a)', 'm(v=b)']);
});

const EXPORTS = [{ name: 'out', confidential: false, scope: 'global', optional: true }] as const;
const IMPORTS = [{ from: 'm', variable: 'out' }] as const;

function exporting(value: (key: string) => string | null): ScriptedDriver {
  return new ScriptedDriver(({ job, exit }) => {
    const text = value(job.task.slice(4, -1));
    if (job.task.startsWith('m(') && text !== null) writeFileSync(job.outputFile, `out=${text}\n`);
    if (job.task !== 'reader') exit(0);
  });
}

test('what the combinations export is read as a list in their order, and by key', async () => {
  const spec = {
    list: compileText('{{ json m.out }}').value,
    first: compileText('{{ m.out.[0] }}').value,
    key: compileText('{{ m.instances.[v=c].out }}').value,
  };
  const driver = exporting((key) => (key === 'b' ? null : `from ${key}`));
  const tasks = [
    ...matrix({ name: 'm', keys: ['a', 'b', 'c'], exports: EXPORTS }),
    { name: 'reader', after: { m: 'success' } as const, imports: IMPORTS, spec },
  ];
  const rig = new RunRig(plan(tasks), { driver });
  const { job, exit } = await driver.started('reader');
  assert.deepEqual(job.spec, { list: '["from a",null,"from c"]', first: 'from a', key: 'from c' });
  exit(0);
  const { results } = await rig.end;
  assert.deepEqual({ ...results.m?.outputs }, { out: ['from a', null, 'from c'] });
  assert.deepEqual(
    results.m?.instances?.map(({ matrix: values, outputs }) => [values, { ...outputs }]),
    [
      [{ v: 'a' }, { out: 'from a' }],
      [{ v: 'b' }, {}],
      [{ v: 'c' }, { out: 'from c' }],
    ],
  );
});

test('a confidential export masks the list, its own combination, and not the others', async () => {
  const template = (text: string) => compileText(text).value;
  const texts = [
    '{{ json m.out }}',
    '{{ m.out.[0] }}',
    '{{ m.out.[1] }}',
    '{{ m.instances.[v=a].out }}',
    '{{ m.instances.[v=b].out }}',
    '{{ json m }}',
  ];
  const exports = [{ ...EXPORTS[0], confidential: true }];
  const plain = matrix({ name: 'm', keys: ['a', 'b'], exports: EXPORTS }).map((task) =>
    task.name === 'm(v=b)' ? { ...task, exports } : task,
  );
  const env = new Map(texts.map((text, index) => [`V${index}`, template(text)]));
  const driver = exporting((key) => `value-of-${key}`);
  const workflow = plan([...plain, { name: 'reader', after: { m: 'success' } as const, imports: IMPORTS, env }]);
  const rig = new RunRig(workflow, { driver });
  const reader = await driver.started('reader');
  const context = taskContext({}, rig.run.state, workflow.tasks[3] as Task, new Map(), undefined);
  const seen = [...env.values()].map(
    (text) => typeof text === 'object' && text !== null && text.render(context).confidential,
  );
  assert.deepEqual(seen, [true, false, true, false, true, true]);
  reader.exit(0);
  const { results } = await rig.end;
  assert.deepEqual({ ...results.m?.outputs }, { out: ['value-of-a', '***'] });
});

test('the entry of a matrix task lasts from the first start to the last end and counts the most attempts', async () => {
  const retry = { attempts: 2, delayMs: 0, backoff: 1, maxDelayMs: 0, jitter: 0, on: ['exit_code'] };
  const clock = new FakeClock(1_000);
  const rig = new RunRig(plan(matrix({ name: 'm', keys: ['a', 'b'], maxParallel: 1, retry })), { ports: { clock } });
  const a = await rig.driver.started('m(v=a)');
  clock.advance(100);
  a.exit(0);
  const b = await rig.driver.started('m(v=b)');
  clock.advance(50);
  b.exit(1);
  await rig.until('task-retrying');
  clock.advance(10);
  const again = await rig.driver.started('m(v=b)');
  clock.advance(40);
  again.exit(0);
  const { m } = (await rig.end).results;
  assert.deepEqual([m?.attempts, m?.duration_ms, m?.id, m?.name], [2, 200, 'run-1.m', 'm']);
  assert.deepEqual(
    m?.instances?.map((one) => [one.id, one.name, one.attempts, one.duration_ms]),
    [
      ['run-1.m.a', 'm(v=a)', 1, 100],
      ['run-1.m.b', 'm(v=b)', 2, 100],
    ],
  );
});

test('a failure that cancels the other combinations is still a failure to its handler', () => {
  const failed: TaskEnd = { status: 'failed', reason: 'exit_code', exitCode: 1, message: 'exit code 1', outputs: {} };
  const taken: TaskEnd = { status: 'cancelled', reason: 'fail_fast', exitCode: null, message: 'cancelled' };
  assert.equal(joinEnd([taken, failed, taken]).status, 'failed');
  assert.equal(joinEnd([taken, taken]).status, 'cancelled');
  assert.equal(joinEnd([failed, { ...taken, reason: 'user' }]).status, 'cancelled');
});
