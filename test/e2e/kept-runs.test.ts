/** What becomes of a run whose folder cannot be made, written to or removed: it ends as its tasks do, and the trouble is told. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findMarked } from '../../src/executor/process-table.ts';
import { printed, Sandbox } from '../support/program.ts';
import { cannotMount, mountSmallDisk } from '../support/small-disk.ts';

const DONE = 'taskGroup: [{ name: a, run: "echo v=1 >> $OUTPUT_FILE", exports: [{ name: v, scope: global }] }]\n';

test('where no run can be kept, none is started, and the reason is told', async (t) => {
  const sandbox = new Sandbox(t);
  const place = sandbox.write('file', 'no folder');
  const { code, stdout, stderr } = await sandbox.exec(DONE, ['--state-dir', place]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^runner exec: cannot keep runs in \/.*\/file: ENOTDIR: [^\n]*\n$/);
});

test('a task that removes the folder of all runs spoils nothing but its log', async (t) => {
  const sandbox = new Sandbox(t);
  const yaml = 'taskGroup: [{ name: a, run: \'rm -rf "$RUNNER_WORKSPACE/state"\' }]\n';
  const { code, result, stderr } = await sandbox.exec(yaml, ['--state-dir', 'state']);
  assert.deepEqual([code, result?.status], [0, 'success'], stderr);
});

test('an output folder that cannot be removed is a warning after the result', { skip: cannotMount() }, async (t) => {
  const sandbox = new Sandbox(t);
  const hold = 'held="$(dirname "$OUTPUT_FILE")/held"; mkdir "$held"; mount -t tmpfs tmpfs "$held"';
  const { code, result, stderr } = await sandbox.exec(`taskGroup: [{ name: a, run: '${hold}' }]\n`);
  letGo(sandbox, 'outputs/held');
  assert.deepEqual([code, result?.status], [0, 'success'], stderr);
  assert.match(stderr, /\nwarning: a folder of the run could not be removed: EBUSY: [^\n]*\n$/);
});

test('scratch that cannot be removed does not fail a task that has succeeded', { skip: cannotMount() }, async (t) => {
  const sandbox = new Sandbox(t);
  const hold = 'held="$(dirname "$RUNNER_EVENT_PATH")/scratch/a.1/held"; mkdir "$held"; mount -t tmpfs tmpfs "$held"';
  const { code, result, stderr } = await sandbox.exec(
    `taskGroup: [{ name: a, run: '${hold}', files: [{ path: placed, text: x }] }]\n`,
  );
  letGo(sandbox, 'scratch/a.1/held');
  assert.deepEqual([code, result?.results.a?.status], [0, 'success'], stderr);
});

test('a disk that gets full while a run goes on costs its record, and no task', { skip: cannotMount() }, async (t) => {
  const sandbox = new Sandbox(t);
  const disk = join(sandbox.folder, 'disk');
  mkdirSync(disk);
  const unmount = mountSmallDisk(disk, '512k');
  const tasks = Array.from({ length: 20 }, (_, index) => `{ name: t${index}, run: "true", depends_on: full }`);
  const full = `{ name: full, run: 'head -c 1m /dev/zero > "$RUNNER_WORKSPACE/disk/filler"', continue_on_error: true }`;
  const { code, result, stderr } = await sandbox
    .exec(`taskGroup: [${[full, ...tasks].join(', ')}]\n`, ['--state-dir', disk])
    .finally(unmount);
  assert.deepEqual([code, result?.status], [0, 'success'], stderr);
  const succeeded = Object.values(result?.results ?? {}).filter(({ status }) => status === 'success');
  assert.equal(succeeded.length, 20);
  assert.match(stderr, /\nwarning: the record of run \S+ is incomplete: ENOSPC: [^\n]*\n$/);
});

test('what tasks of a killed exec have written goes with the next one; what a living one has stays', async (t) => {
  const sandbox = new Sandbox(t);
  const open = 'echo v=confidential >> "$OUTPUT_FILE"; echo has written; sleep 1000';
  const file = sandbox.write(
    'open.yml',
    `taskGroup: [{ name: a, run: '${open}', exports: [{ name: v, confidential: true }] }]\n`,
  );
  sandbox.write('calls.yml', 'taskGroup: [{ name: call, type: workflow, spec: { workflow: open } }]\n');
  const living = sandbox.start(['exec', file]);
  await printed(living, 'has written');
  const killed = sandbox.start(['exec', 'calls.yml']);
  await printed(killed, 'has written');
  const [first = '', second = ''] = readdirSync(join(sandbox.stateDir, 'runs')).sort();
  const holds = (run: string) => {
    const all = readdirSync(join(sandbox.stateDir, 'runs', run), { recursive: true }).map(String);
    return all.filter((path) => /(^|\/)(outputs|scratch|fifos|process)$/.test(path)).sort();
  };
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const called = readdirSync(join(sandbox.stateDir, 'runs', second, 'runs'));
  t.after(() => {
    for (const run of called) for (const pid of findMarked(`RUNNER_RUN_ID=${run}`)) process.kill(pid, 'SIGKILL');
  });
  assert.deepEqual(holds(second).slice(0, 3), ['fifos', 'outputs', 'process']);
  const { code, stderr } = await sandbox.exec(DONE);
  assert.deepEqual([code, holds(second)], [0, []], stderr);
  assert.deepEqual(holds(first), ['fifos', 'outputs', 'process']);
  living.kill('SIGTERM');
  await once(living, 'exit');
  assert.deepEqual(holds(first), []);
});

/** Takes away what a task has mounted within the folder of its run. */
function letGo({ stateDir }: Sandbox, place: string): void {
  const runs = join(stateDir, 'runs');
  for (const run of readdirSync(runs)) execFileSync('umount', ['-l', join(runs, run, place)]);
}
