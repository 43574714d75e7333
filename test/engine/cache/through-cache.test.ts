import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CachePorts } from '../../../src/engine/cache/cache-request.ts';
import { NO_RESULT, purge } from '../../../src/engine/cache/upkeep.ts';
import type { ResultStore } from '../../../src/model/store.ts';
import type { CacheSpec } from '../../../src/model/workflow.ts';
import { SecretSet } from '../../../src/util/mask/secret-set.ts';
import { type CacheRig, cacheRig } from '../../support/cache-rig.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type PlanTask, plan } from '../../support/plan.ts';
import { RunRig } from '../../support/run-rig.ts';
import { ScriptedDriver, type ScriptedJob } from '../../support/scripted-driver.ts';
import { treeOf } from '../../support/tree-of.ts';

const SPEC: CacheSpec = { key: null, inputs: [], env: [], paths: [], ttlMs: null };
const VALUE = { name: 'value', confidential: false, scope: 'global', optional: false } as const;

test('a success is served the second time, with its outputs, and nothing is started', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: SPEC, exports: [VALUE] };
  const first = await once(rig, [task], (job) => succeed(job, 'value=one'));
  assert.equal(first.results.a?.cached, false);
  assert.deepEqual(first.results.a?.notes, ['cache: miss; no result of this task is stored yet']);
  const second = await once(rig, [task], unexpected);
  assert.equal(second.status, 'success');
  const { cached, exit_code, outputs, attempts } = second.results.a ?? {};
  assert.deepEqual(
    { cached, exit_code, attempts, ...outputs },
    { cached: true, exit_code: null, attempts: 1, value: 'one' },
  );
});

test('only successes are stored', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: SPEC };
  assert.equal((await once(rig, [task], (job) => job.exit(1))).status, 'failed');
  const second = await once(rig, [task], (job) => succeed(job));
  assert.deepEqual([second.status, second.results.a?.cached], ['success', false]);
});

test('a change is named, and the result before it is still there', async (t) => {
  const rig = cacheRig(t);
  const task = (script: string): PlanTask => ({ name: 'a', cache: SPEC, spec: { command: script } });
  await once(rig, [task('make')], (job) => succeed(job));
  const changed = await once(rig, [task('make all')], (job) => succeed(job));
  assert.deepEqual(changed.results.a?.notes, ['cache: miss; script changed']);
  assert.equal((await once(rig, [task('make')], unexpected)).results.a?.cached, true);
});

test('what the driver would have to fetch is asked for only if it decides', async (t) => {
  const { ports, workspace } = cacheRig(t);
  const asked: string[] = [];
  const driver = Object.assign(new ScriptedDriver((job) => succeed(job)), {
    foundation: async ({ task }: { readonly task: string }) => {
      asked.push(task);
      return 'sha256:1';
    },
  });
  const tasks: readonly PlanTask[] = [
    { name: 'computed', cache: SPEC },
    { name: 'named', cache: { ...SPEC, key: 'mine' } },
  ];
  await new RunRig(plan(tasks), { driver, ports: { cache: async () => ports }, workspace }).end;
  assert.deepEqual([...new Set(asked)], ['computed']);
});

test('results of another folder are not used', async (t) => {
  const rig = cacheRig(t);
  const elsewhere = { ...rig, ports: { ...rig.ports, scope: '/elsewhere' } };
  const task: PlanTask = { name: 'a', cache: SPEC };
  await once(rig, [task], (job) => succeed(job));
  assert.equal((await once(elsewhere, [task], (job) => succeed(job))).results.a?.cached, false);
});

test('a result is used until it is as old as its ttl', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: { ...SPEC, ttlMs: 60_000 } };
  await once(rig, [task], (job) => succeed(job), 1_000_000);
  assert.equal((await once(rig, [task], unexpected, 1_059_999)).results.a?.cached, true);
  const late = await once(rig, [task], (job) => succeed(job), 1_060_000);
  assert.deepEqual(late.results.a?.notes, ['cache: miss; the stored result is older than 1m']);
  assert.equal((await once(rig, [task], unexpected, 1_100_000)).results.a?.cached, true);
});

test('what is past its ttl is taken away, with its files, and a miss still says why', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: { ...SPEC, paths: ['file'], ttlMs: 60_000 } };
  const make = (job: ScriptedJob) => {
    writeFileSync(join(rig.workspace, 'file'), 'content');
    succeed(job);
  };
  await once(rig, [task], make, 1_000_000);
  const upkeep = (now: number) => purge(rig.ports, NO_RESULT, now, Number.POSITIVE_INFINITY);
  assert.deepEqual(await upkeep(1_059_999), { results: 0, bytes: 0 });
  const { results, bytes } = await upkeep(1_060_000);
  assert.deepEqual([results, bytes > 0], [1, true]);
  const late = await once(rig, [task], make, 1_070_000);
  assert.deepEqual(late.results.a?.notes, ['cache: miss; the stored result is older than 1m']);
});

test('what is in place already is not touched', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: { ...SPEC, paths: ['dist', 'file', 'absent'] } };
  const place = (path: string) => join(rig.workspace, path);
  await once(rig, [task], (job) => {
    mkdirSync(place('dist'));
    writeFileSync(place('dist/a'), 'a');
    symlinkSync('a', place('dist/link'));
    writeFileSync(place('file'), 'content');
    succeed(job);
  });
  const nodes = () => ['dist', 'dist/a', 'dist/link', 'file'].map((path) => lstatSync(place(path)).ino);
  const before = nodes();
  assert.equal((await once(rig, [task], unexpected)).results.a?.cached, true);
  assert.deepEqual(nodes(), before);
  writeFileSync(place('dist/a'), 'b');
  assert.equal((await once(rig, [task], unexpected)).results.a?.cached, true);
  assert.equal(readFileSync(place('dist/a'), 'utf8'), 'a');
  assert.equal(lstatSync(place('file')).ino, before[3]);
});

test('paths are put back to the byte, bit and link, and what else was there goes', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: { ...SPEC, paths: ['dist/', './dist/sub', 'one.txt', 'absent'] } };
  const place = (path: string) => join(rig.workspace, path);
  const first = await once(rig, [task], (job) => {
    mkdirSync(place('dist/sub/empty'), { recursive: true });
    writeFileSync(place('dist/run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(place('dist/sub/data'), Buffer.from([0, 255, 10, 13, 128]));
    writeFileSync(place('dist/empty file'), '');
    writeFileSync(place('dist/large'), Buffer.alloc(700_000, 'x'));
    symlinkSync('../one.txt', place('dist/link'));
    symlinkSync('/nowhere', place('dist/broken'));
    chmodSync(place('dist/sub/empty'), 0o500);
    chmodSync(place('dist/sub/data'), 0o4440);
    writeFileSync(place('one.txt'), 'one');
    succeed(job);
  });
  assert.deepEqual(first.results.a?.notes?.slice(1), ['cache: nothing is at "absent", which belongs to the result']);
  const before = treeOf(rig.workspace);
  rmSync(place('dist/run.sh'));
  writeFileSync(place('dist/sub/stale'), 'stale');
  rmSync(place('dist/link'));
  mkdirSync(place('dist/link'));
  rmSync(place('one.txt'));
  symlinkSync('/etc/passwd', place('one.txt'));
  writeFileSync(place('absent'), 'not any more');
  assert.equal((await once(rig, [task], unexpected)).results.a?.cached, true);
  assert.deepEqual(treeOf(rig.workspace), before);
});

test('nothing is put back through a link that leads out of the folder', async (t) => {
  const rig = cacheRig(t);
  const outside = join(rig.workspace, '..', 'outside');
  const task: PlanTask = { name: 'a', cache: { ...SPEC, paths: ['a/b'] } };
  const make = (job: ScriptedJob) => {
    rmSync(join(rig.workspace, 'a'), { recursive: true, force: true });
    mkdirSync(join(rig.workspace, 'a'));
    writeFileSync(join(rig.workspace, 'a/b'), 'content');
    succeed(job);
  };
  await once(rig, [task], make);
  rmSync(join(rig.workspace, 'a'), { recursive: true });
  mkdirSync(outside);
  symlinkSync(outside, join(rig.workspace, 'a'));
  const second = await once(rig, [task], make);
  assert.match(second.results.a?.notes?.[0] ?? '', /^cache: miss; the stored files cannot be used: .*is not a folder$/);
  assert.deepEqual(readdirSync(outside), []);
});

test('a flipped byte in the store or in a stored file is a miss, never a wrong result', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: { ...SPEC, paths: ['file'] }, exports: [VALUE] };
  const make = (job: ScriptedJob) => {
    writeFileSync(join(rig.workspace, 'file'), 'content');
    succeed(job, 'value=right');
  };
  await once(rig, [task], make);
  const run = async () => {
    const { results } = await once(rig, [task], make);
    assert.equal(results.a?.outputs.value, 'right');
    assert.equal(readFileSync(join(rig.workspace, 'file'), 'utf8'), 'content');
    return results.a;
  };
  assert.equal((await run())?.cached, true);
  for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
    for await (const { key, value } of rig.ports.store.list(Buffer.from('entry'))) {
      await rig.ports.store.put([{ key, value: flipped(value, share) }]);
    }
    assert.deepEqual((await run())?.notes, ['cache: miss; what was stored is damaged']);
    const [folder = ''] = readdirSync(rig.blobFolder);
    const [name = ''] = readdirSync(join(rig.blobFolder, folder));
    const path = join(rig.blobFolder, folder, name);
    writeFileSync(path, flipped(readFileSync(path), share));
    rmSync(join(rig.workspace, 'file'));
    assert.match((await run())?.notes?.[0] ?? '', /the stored files cannot be used: the stored file \w+ is damaged/);
    assert.equal((await run())?.cached, true);
  }
});

test('equal keys in one run are made once', async (t) => {
  const rig = cacheRig(t);
  const shared = { ...SPEC, key: 'the same' };
  const names = ['a', 'b', 'c'];
  let starts = 0;
  const tasks = names.map((name): PlanTask => ({ name, cache: shared, exports: [VALUE] }));
  const { results } = await once(rig, tasks, (job) => {
    starts += 1;
    setImmediate(() => succeed(job, `value=from ${job.job.task}`));
  });
  assert.equal(starts, 1);
  assert.deepEqual(
    names.map((name) => results[name]?.outputs.value),
    ['from a', 'from a', 'from a'],
  );
  assert.deepEqual(
    names.map((name) => results[name]?.cached),
    [false, true, true],
  );
});

test('who waits for a maker that fails makes it itself', async (t) => {
  const rig = cacheRig(t);
  const shared = { ...SPEC, key: 'the same' };
  const tasks = ['a', 'b'].map((name): PlanTask => ({ name, cache: shared }));
  const { results } = await once(rig, tasks, (job) => (job.job.task === 'a' ? job.exit(3) : succeed(job)));
  assert.deepEqual([results.a?.status, results.b?.status, results.b?.cached], ['failed', 'success', false]);
});

test('a key of the file decides alone, but a result that is stale says so', async (t) => {
  const rig = cacheRig(t);
  const task = (key: string, script: string): PlanTask => ({
    name: 'a',
    cache: { ...SPEC, key },
    spec: { command: script },
  });
  await once(rig, [task('v1', 'make')], (job) => succeed(job));
  const stale = await once(rig, [task('v1', 'make all')], unexpected);
  assert.deepEqual(stale.results.a?.notes, ['cache: its key still fits, but script changed']);
  const next = await once(rig, [task('v2', 'make all')], (job) => succeed(job));
  assert.deepEqual(next.results.a?.notes, ['cache: miss; key changed']);
});

test('a shared result without an export that a task must have is not used for it', async (t) => {
  const rig = cacheRig(t);
  const shared = { ...SPEC, key: 'the same' };
  await once(rig, [{ name: 'a', cache: shared }], (job) => succeed(job));
  const task: PlanTask = { name: 'b', cache: shared, exports: [VALUE] };
  const { results } = await once(rig, [task], (job) => succeed(job, 'value=x'));
  assert.deepEqual(results.b?.notes, ['cache: miss; the stored result has no export "value"']);
});

test('a result whose inputs changed while the task ran is not stored', async (t) => {
  const rig = cacheRig(t);
  const input = join(rig.workspace, 'input');
  writeFileSync(input, 'before');
  const task: PlanTask = { name: 'a', cache: { ...SPEC, inputs: ['input'] } };
  const first = await once(rig, [task], (job) => {
    writeFileSync(input, 'after');
    succeed(job);
  });
  assert.deepEqual(first.results.a?.notes?.slice(1), ['cache: not stored; while the task ran, input input changed']);
  assert.equal((await once(rig, [task], (job) => succeed(job))).results.a?.cached, false);
});

test('a task whose files cannot be read, or whose store fails, runs all the same and says so', async (t) => {
  const rig = cacheRig(t);
  const broken = failing(new Error('no space left'));
  const task: PlanTask = { name: 'a', cache: SPEC };
  const offline = await once({ ...rig, ports: { ...rig.ports, store: broken } }, [task], (job) => succeed(job));
  assert.deepEqual([offline.status, offline.results.a?.notes], ['success', ['cache: not used; no space left']]);
  const full: ResultStore = Object.assign(failing(new Error('no space left')), {
    get: async () => null,
    lease: async () => ({ release: () => {} }),
  });
  const unstored = await once({ ...rig, ports: { ...rig.ports, store: full } }, [task], (job) => succeed(job));
  assert.deepEqual(
    [unstored.status, unstored.results.a?.notes?.slice(1)],
    ['success', ['cache: not stored; no space left']],
  );
  const special: PlanTask = { name: 'a', cache: { ...SPEC, paths: ['dist'] } };
  const unreadable = await once(rig, [special], (job) => {
    symlinkSync('/dev/null', join(rig.workspace, 'dist'));
    succeed(job);
  });
  assert.equal(unreadable.status, 'success');
});

test('a confidential export is masked again when it is served', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: SPEC, exports: [{ ...VALUE, confidential: true }] };
  await once(rig, [task], (job) => succeed(job, 'value=hunter2hunter2'));
  const masks = new SecretSet();
  const { results } = await once(rig, [task], unexpected, 0, masks);
  assert.equal(results.a?.outputs.value, '***');
  assert.ok(masks.containsSecret('it is hunter2hunter2'));
});

test('who is cancelled while waiting for the maker ends at once', async (t) => {
  const rig = cacheRig(t);
  const maker = start(rig, [{ name: 'a', cache: SPEC }], () => {});
  const making = await maker.driver.started('a');
  const waiting = start(rig, [{ name: 'a', cache: SPEC }], unexpected);
  await waiting.until('task-starting');
  waiting.run.cancel('user');
  assert.equal((await waiting.end).status, 'cancelled');
  succeed(making);
  assert.equal((await maker.end).status, 'success');
});

test('two runs at once make a result once', async (t) => {
  const rig = cacheRig(t);
  const task: PlanTask = { name: 'a', cache: SPEC, exports: [VALUE] };
  const maker = start(rig, [task], () => {});
  const making = await maker.driver.started('a');
  const other = start(rig, [task], unexpected);
  await other.until('task-starting');
  succeed(making, 'value=once');
  assert.equal((await maker.end).results.a?.cached, false);
  const { results } = await other.end;
  assert.deepEqual([results.a?.cached, results.a?.outputs.value], [true, 'once']);
});

function start(
  rig: CacheRig,
  tasks: readonly PlanTask[],
  onStart: (job: ScriptedJob) => void,
  now = 0,
  masks = new SecretSet(),
): RunRig {
  const clock = new FakeClock(now);
  const ports: CachePorts = rig.ports;
  return new RunRig(plan(tasks), {
    driver: new ScriptedDriver(onStart),
    ports: { cache: async () => ports, clock, masks },
    workspace: rig.workspace,
  });
}

async function once(...args: Parameters<typeof start>) {
  return start(...args).end;
}

function succeed({ job, exit }: ScriptedJob, ...lines: readonly string[]): void {
  if (lines.length > 0) writeFileSync(job.outputFile, `${lines.join('\n')}\n`);
  exit(0);
}

function unexpected({ job, exit }: ScriptedJob): void {
  exit(99);
  assert.fail(`task ${job.task} was started`);
}

function flipped(bytes: Uint8Array, share: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = Math.floor(bytes.length * share);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function failing(error: Error): ResultStore {
  const fail = () => Promise.reject(error);
  return { get: fail, put: fail, delete: fail, list: () => assert.fail(error), lease: fail, close: fail };
}
