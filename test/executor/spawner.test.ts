import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { findMarked } from '../../src/executor/process-table.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
import { systemClock } from '../../src/util/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SpawnRig } from '../support/spawn-rig.ts';
import { until } from '../support/until.ts';

test('the handle names the process by pid, start time and boot', async (t) => {
  const rig = new SpawnRig(t);
  await rig.run(['sh', '-c', 'echo $$; cut -d " " -f 22 /proc/$$/stat']);
  const [pid, startTime] = rig.io.stdout.trim().split('\n');
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  assert.deepEqual(rig.io.handles, [{ kind: 'process', pid: Number(pid), startTime, bootId }]);
});

test('a start that cannot be recorded ends the task and is our own failure', async (t) => {
  const rig = new SpawnRig(t);
  rig.io.started = () => Promise.reject(new Error('the disk is full'));
  await assert.rejects(rig.run(['sleep', '1000']), /the disk is full/);
  assert.deepEqual(findMarked(rig.mark), []);
});

test('pipes are private, used again, and removed with the spawner', async (t) => {
  // No task lasts long enough to be listened to, however slow the machine is.
  const rig = new SpawnRig(t, { clock: new FakeClock() });
  await rig.run(['true']);
  const openFifos = (): string[] =>
    readdirSync('/proc/self/fd').filter((entry) => linkOf(entry).startsWith(rig.fifoDir));
  assert.equal(openFifos().length, 2);
  for (let task = 0; task < 30; task++) await rig.run(['echo', String(task)]);
  assert.equal(openFifos().length, 2);
  assert.equal(rig.io.stdout, Array.from({ length: 30 }, (_, task) => `${task}\n`).join(''));
  assert.equal(readdirSync(rig.fifoDir).length, 16);
  assert.equal(statSync(rig.fifoDir).mode & 0o777, 0o700);
  await rig.spawner.close();
  assert.equal(existsSync(rig.fifoDir), false);
  assert.deepEqual(openFifos(), []);
});

test('pipes made ahead are there before the first task, and gone with a spawner that had none', async (t) => {
  const rig = new SpawnRig(t);
  rig.spawner.prepare();
  await rig.spawner.close();
  assert.equal(existsSync(rig.fifoDir), false);
  rig.spawner.prepare();
  await until(() => existsSync(rig.fifoDir) && readdirSync(rig.fifoDir).length === 16);
});

test('a pipe is as good as new after a task that was read while it ran', async (t) => {
  const rig = new SpawnRig(t);
  for (const text of ['a', 'b', 'c']) await rig.run(['sh', '-c', `sleep 0.05; echo ${text}`]);
  await rig.run(['echo', 'd']);
  assert.equal(rig.io.stdout, 'a\nb\nc\nd\n');
});

/** What a descriptor of this process stands for; empty when it is closed by now. */
function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

test('pipes that a killed program left in the folder are no hindrance', async (t) => {
  const rig = new SpawnRig(t);
  await rig.run(['true']);
  const next = createSpawner({ fifoDir: rig.fifoDir, clock: systemClock, handles: false });
  const task = {
    argv: ['echo', 'hi'],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    cwd: '/',
    mark: rig.mark,
  } as const;
  await next.run(task, rig.io);
  assert.equal(rig.io.stdout, 'hi\n');
});

test('pipes that somebody removed are made again', async (t) => {
  const rig = new SpawnRig(t);
  await rig.run(['true']);
  rmSync(rig.fifoDir, { recursive: true });
  await rig.run(['echo', 'hi']);
  assert.equal(rig.io.stdout, 'hi\n');
});

test('output held open by a stray is waited for five seconds, and its pipe is not used again', async (t) => {
  const clock = new AlarmClock();
  const rig = new SpawnRig(t, { clock });
  const run = rig.run(['sh', '-c', `${strayed('sleep 1000 2>/dev/null')} echo over`]);
  await clock.asked(5_000);
  assert.equal(rig.io.stdout, 'over\n');
  clock.advance(5_000);
  assert.deepEqual(await run, { kind: 'exited', code: 0, notes: ['output_held_open'] });
  assert.equal(readdirSync(rig.fifoDir).length, 15);
});

test('a stray that holds the output open is ended when the end is wanted meanwhile', async (t) => {
  const rig = new SpawnRig(t);
  const run = rig.run(['sh', '-c', `${strayed('sleep 1000')} echo ready`]);
  await rig.io.printed('ready');
  rig.io.end(0);
  assert.deepEqual(Object.hasOwn(await run, 'notes'), false);
  assert.deepEqual(findMarked(rig.mark), []);
});

test('a sweep ends what carries exactly the mark', async (t) => {
  const rig = new SpawnRig(t);
  const other = new SpawnRig(t);
  const stray = strayed('sleep 1000 >/dev/null 2>&1');
  await rig.run(['sh', '-c', stray]);
  await other.run(['sh', '-c', stray]);
  assert.deepEqual(await rig.spawner.sweep(rig.mark.slice(0, -1)), []);
  assert.equal(findMarked(rig.mark).length, 1);
  assert.deepEqual(await rig.spawner.sweep(rig.mark), []);
  assert.deepEqual([findMarked(rig.mark).length, findMarked(other.mark).length], [0, 1]);
});

/** A script that goes on once `command` has left its process group: before that it would end with its group. */
function strayed(command: string): string {
  return `setsid sh -c 'touch away; exec ${command}' & while ! [ -e away ]; do sleep 0.01; done;`;
}

/** Tells when somebody asks to be called back after a given time. */
class AlarmClock extends FakeClock {
  readonly #awaited = new Map<number, () => void>();

  override after(ms: number, callback: () => void): () => void {
    const callOff = super.after(ms, callback);
    this.#awaited.get(ms)?.();
    return callOff;
  }

  asked(ms: number): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(ms, resolve));
  }
}
