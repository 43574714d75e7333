import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Driver, Job, Stream } from '../../src/model/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { WatchedIO } from '../support/watched-io.ts';

/** A driver under test and how to use it; everything in it belongs to one test. */
export interface DriverSubject {
  readonly driver: Driver;
  /** A job that runs a shell script, or a program without a shell, in the folder. */
  job(command: string | readonly string[]): Job;
  /** What of a job still runs, in any words. */
  strays(job: Job): readonly string[];
  /** Whether output goes to a log by itself, so that `write` cannot slow it down or fail; the subject then passes on the log. */
  readonly keepsOutput?: boolean;
  /** Whether everything of a task ends at once when its first process does, as in a container. */
  readonly endsWithFirstProcess?: boolean;
  /** Variables that what a task runs in brings along. */
  readonly ownVariables?: readonly string[];
}

/** Makes a subject whose jobs work in `folder`. */
export type MakeSubject = (t: TestContext, folder: string) => DriverSubject;

/** Longer than any test waits: passes only when the task is not waited for. */
const LONG_GRACE_MS = 600_000;
const SHORT_GRACE_MS = 50;

/** What every driver must do. `skip` says why it cannot be tested here. */
export function testDriver(name: string, makeSubject: MakeSubject, skip: string | false = false): void {
  const suite = (behaviour: string, body: (rig: ContractRig) => Promise<void>): void => {
    test(`${name}: ${behaviour}`, { skip }, (t) => body(new ContractRig(makeSubject, t)));
  };
  testEnds(suite);
  testOutput(suite);
  testEnding(suite);
}

type Suite = (behaviour: string, body: (rig: ContractRig) => Promise<void>) => void;

class ContractRig {
  readonly folder: string;
  readonly io = new WatchedIO();
  readonly subject: DriverSubject;

  constructor(makeSubject: MakeSubject, t: TestContext) {
    this.folder = temporaryFolder(t);
    this.subject = makeSubject(t, this.folder);
  }

  run(command: string | readonly string[], io = this.io) {
    return this.subject.driver.run(this.subject.job(command), io);
  }

  /** Starts a script, waits until it has printed `ready`, asks it to end, and sees that nothing of it is left. */
  async runAndEnd(script: string, graceMs: number) {
    const job = this.subject.job(script);
    const run = this.subject.driver.run(job, this.io);
    await this.io.printed('ready');
    this.io.end(graceMs);
    const exit = await run;
    assert.deepEqual(this.subject.strays(job), []);
    return exit;
  }
}

function testEnds(suite: Suite): void {
  for (const code of [0, 1, 3, 255]) {
    suite(`exit code ${code} is reported`, async (rig) => {
      assert.deepEqual(await rig.run(`exit ${code}`), { kind: 'exited', code });
    });
  }

  suite('a signal is reported by its name', async (rig) => {
    assert.deepEqual(await rig.run('kill -SEGV $$'), { kind: 'signaled', signal: 'SIGSEGV' });
  });

  suite('a start that cannot be recorded ends the task and is our own failure', async (rig) => {
    const job = rig.subject.job('sleep 1000');
    rig.io.started = () => Promise.reject(new Error('the disk is full'));
    await assert.rejects(rig.subject.driver.run(job, rig.io), /the disk is full/);
    assert.deepEqual(rig.subject.strays(job), []);
  });

  suite('says once that something runs', async (rig) => {
    await rig.run('true');
    assert.equal(rig.io.handles.length, 1);
  });

  suite("the environment is exactly the job's", async (rig) => {
    const job = rig.subject.job(['env', '-0']);
    const odd = { ...job, env: { ...job.env, EMPTY: '', TEXT: 'a "b" $c\n\'d\' ü' } };
    await rig.subject.driver.run(odd, rig.io);
    const seen = Object.fromEntries(rig.io.stdout.split('\0').filter(Boolean).map(splitEntry));
    for (const own of rig.subject.ownVariables ?? []) delete seen[own];
    assert.deepEqual(seen, odd.env);
  });

  suite('a task whose end is wanted before it begins does not begin', async (rig) => {
    rig.io.end(LONG_GRACE_MS);
    await rig.run('touch begun');
    assert.equal(existsSync(join(rig.folder, 'begun')), false);
  });
}

function testOutput(suite: Suite): void {
  suite('the streams are told apart', async (rig) => {
    await rig.run('echo out; echo err >&2');
    assert.deepEqual([rig.io.stdout, rig.io.stderr], ['out\n', 'err\n']);
  });

  suite('a task may open /dev/stdout and /dev/stderr again', async (rig) => {
    await rig.run('echo out > /dev/stdout; echo err > /dev/stderr; echo both | tee /dev/stderr');
    assert.deepEqual([rig.io.stdout, rig.io.stderr], ['out\nboth\n', 'err\nboth\n']);
  });

  suite('a last line without an end is kept', async (rig) => {
    await rig.run('printf x');
    assert.equal(rig.io.stdout, 'x');
  });

  suite('5 MB without a line end arrive whole', async (rig) => {
    await rig.run("head -c 5000000 /dev/zero | tr '\\0' x");
    assert.ok(rig.io.bytes('stdout').equals(Buffer.alloc(5_000_000, 'x')));
  });

  suite('random bytes arrive as they are', async (rig) => {
    await rig.run('head -c 3000000 /dev/urandom > random; cat random; cat random >&2');
    const expected = digest(readFileSync(join(rig.folder, 'random')));
    assert.equal(digest(rig.io.bytes('stdout')), expected);
    assert.equal(digest(rig.io.bytes('stderr')), expected);
  });

  suite('stdin is empty', async (rig) => {
    await rig.run('cat; echo done');
    assert.equal(rig.io.stdout, 'done\n');
  });

  suite('a stream is not read while its last chunk is being taken', async (rig) => {
    if (rig.subject.keepsOutput) return;
    const io = new SlowIO();
    await rig.run('head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2', io);
    assert.deepEqual([io.taken, io.overlaps], [{ stdout: 3_000_000, stderr: 2_000_000 }, 0]);
  });

  suite('output that cannot be taken ends the task and is our own failure', async (rig) => {
    if (rig.subject.keepsOutput) return;
    const job = rig.subject.job("trap '' TERM; echo ready; sleep 1000");
    await assert.rejects(rig.subject.driver.run(job, new BrokenIO()));
    assert.deepEqual(rig.subject.strays(job), []);
  });
}

function testEnding(suite: Suite): void {
  suite('a background process does not outlive its task', async (rig) => {
    const job = rig.subject.job('sleep 1000 & sleep 1000 >/dev/null 2>&1 & echo over');
    assert.deepEqual(await rig.subject.driver.run(job, rig.io), { kind: 'exited', code: 0 });
    // It has been killed; a busy machine takes a moment to clear it away.
    await until(() => rig.subject.strays(job).length === 0);
  });

  suite('a task that is asked to end may clean up', async (rig) => {
    const script = "trap 'echo bye; exit 7' TERM; sleep 1000 & echo ready; wait";
    assert.deepEqual(await rig.runAndEnd(script, LONG_GRACE_MS), { kind: 'exited', code: 7 });
    assert.equal(rig.io.stdout, 'ready\nbye\n');
  });

  suite('the children of a task that ended at once get the grace too', async (rig) => {
    if (rig.subject.endsWithFirstProcess) return;
    const child = "trap 'echo bye; exit' TERM; echo ready; while :; do sleep 0.01; done";
    await rig.runAndEnd(`(${child}) & wait`, LONG_GRACE_MS);
    assert.equal(rig.io.stdout, 'ready\nbye\n');
  });

  suite('a task that ignores TERM is killed after the grace', async (rig) => {
    const exit = await rig.runAndEnd("trap '' TERM; echo ready; while :; do sleep 1; done", SHORT_GRACE_MS);
    assert.deepEqual(exit, { kind: 'signaled', signal: 'SIGKILL' });
  });

  suite('a second wish calls off the grace', async (rig) => {
    const run = rig.run("trap 'echo asked' TERM; echo ready; while :; do sleep 0.01 || true; done");
    await rig.io.printed('ready');
    rig.io.end(LONG_GRACE_MS);
    await rig.io.printed('asked');
    rig.io.hurry();
    assert.deepEqual(await run, { kind: 'signaled', signal: 'SIGKILL' });
  });

  suite('a grace of nothing kills at once', async (rig) => {
    await rig.runAndEnd("trap 'echo bye; exit' TERM; echo ready; sleep 1000 & wait", 0);
    assert.equal(rig.io.stdout, 'ready\n');
  });

  suite('a stopped task ends within the grace', async (rig) => {
    const exit = await rig.runAndEnd('(sleep 0.05; echo ready) & kill -STOP $$; wait', LONG_GRACE_MS);
    assert.deepEqual(exit, { kind: 'signaled', signal: 'SIGTERM' });
  });

  suite('processes that left the group are found and ended', async (rig) => {
    await rig.runAndEnd('setsid sh -c \'trap "" TERM; echo ready; sleep 1000; sleep 1000\' & wait', SHORT_GRACE_MS);
  });

  suite('processes that forked twice are found and ended', async (rig) => {
    await rig.runAndEnd('(setsid sh -c "(sleep 1000 &) ; sleep 1000 &" &) ; echo ready; sleep 1000', SHORT_GRACE_MS);
  });
}

/** Takes each chunk only after the event loop went round, and counts chunks that came before that. */
class SlowIO extends WatchedIO {
  readonly taken: Record<Stream, number> = { stdout: 0, stderr: 0 };
  overlaps = 0;
  readonly #busy = new Set<Stream>();

  override async write(stream: Stream, chunk: Uint8Array): Promise<void> {
    if (this.#busy.has(stream)) this.overlaps++;
    this.#busy.add(stream);
    const before = digest(chunk);
    await new Promise(setImmediate);
    assert.equal(digest(chunk), before, 'the chunk was used again too early');
    this.#busy.delete(stream);
    this.taken[stream] += chunk.length;
  }
}

class BrokenIO extends WatchedIO {
  override async write(): Promise<void> {
    throw new Error('the disk is gone');
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function splitEntry(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}
