import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createProcessDriver } from '../../src/drivers/process/driver.ts';
import type { Driver, Job, JobFile } from '../../src/model/ports.ts';
import { ExecutorRig } from '../support/executor-rig.ts';
import { captured, captureOf, processJob, processSubject, TEST_PATH } from '../support/process-driver.ts';
import { WatchedIO } from '../support/watched-io.ts';

test('a job that an earlier driver began is taken up, and what it put in place is taken away', async (t) => {
  const rig = new ExecutorRig(t);
  const { driver, leave } = await connected(rig);
  const script = `echo ready; while ! [ -e go ]; do sleep 0.01; done; cat new/file; exit 7\n#${'x'.repeat(200_000)}`;
  const job = jobIn(rig, script, { files: [file('new/file', 'injected'), file('new/deep/other', '')] });
  const begun = new WatchedIO();
  const handle = new Promise((resolve) => {
    begun.started = async (given) => resolve(given);
  });
  void driver.run(job, captured(begun, captureOf(job)));
  await handle;
  leave();
  const next = await connected(rig);
  const io = new WatchedIO();
  const exit = next.driver.recover?.(job, null, captured(io, captureOf(job)));
  mkdirSync(rig.path('go'));
  assert.deepEqual(await exit, { kind: 'exited', code: 7 });
  assert.deepEqual([io.phases, io.handles], [['deprovisioning'], [await handle]]);
  assert.match(readFileSync(captureOf(job).logPath, 'utf8'), /^ready\ninjected/);
  assert.deepEqual([existsSync(rig.path('new')), existsSync(job.scratch)], [false, false]);
});

test('a job that never began takes nothing away that was there before', async (t) => {
  const rig = new ExecutorRig(t);
  const { driver } = await connected(rig);
  writeFileSync(rig.path('mine'), 'precious');
  const job = jobIn(rig, 'true', { files: [file('mine', 'other')] });
  const exit = await driver.recover?.(job, null, captured(new WatchedIO(), captureOf(job)));
  assert.equal(exit?.kind === 'failed' && exit.reason, 'lost');
  assert.deepEqual([readFileSync(rig.path('mine'), 'utf8'), rig.strays('a')], ['precious', []]);
});

test('a spawner that does not outlive its user recovers nothing', (t) => {
  const { driver } = processSubject(t, new ExecutorRig(t).folder);
  assert.equal('recover' in driver, false);
});

test('the record of what was put in place is private', async (t) => {
  const rig = new ExecutorRig(t);
  const { driver } = await connected(rig);
  const job = jobIn(rig, 'stat -c %a "$SCRATCH" "$SCRATCH/placed"', { files: [file('new/file', '')] });
  await driver.run({ ...job, env: { ...job.env, SCRATCH: job.scratch } }, captured(new WatchedIO(), captureOf(job)));
  assert.equal(readFileSync(captureOf(job).logPath, 'utf8'), '700\n600\n');
  assert.deepEqual(
    readdirSync(rig.folder).filter((name) => name === 'new' || name === '.scratch'),
    [],
  );
});

async function connected(rig: ExecutorRig): Promise<{ readonly driver: Driver; leave(): void }> {
  const spawner = await rig.connect();
  return { driver: createProcessDriver({ spawner, path: TEST_PATH }), leave: () => spawner.close() };
}

/** A job with the marks of the rig, which ends what is left of it. */
function jobIn(rig: ExecutorRig, script: string, changes: Partial<Job>): Job {
  const job = processJob(rig.folder, script, changes);
  return { ...job, env: { ...job.env, ...rig.task('a', '').env, OUTPUT_FILE: job.outputFile } };
}

function file(path: string, text: string): JobFile {
  return { path, mode: 0o644, content: { kind: 'bytes', bytes: Buffer.from(text) } };
}
