import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { Exit } from '../../src/model/run.ts';
import { POSIX_SKIP } from '../support/starts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROBE = resolve('test/support/spawn-probe.ts');

interface Probed {
  readonly exit: Exit;
  readonly stdout: string;
  readonly waits: readonly number[];
}

/** Prints its own descriptors, not those of `ls`, and what they are. */
const LIST = ['sh', '-c', 'ls -l /proc/$$/fd; true'];

test('a task gets no descriptor beyond the first three when the program closed those it was given', async (t) => {
  const { stdout } = await probe(t, 'exec 40</etc/passwd', ['close', ...LIST]);
  assert.deepEqual(numbersIn(stdout), ['0', '1', '2']);
});

test('descriptors that are open when a spawner is made are the null device in a task', async (t) => {
  const { stdout } = await probe(t, 'exec 40</etc/passwd', ['keep', ...LIST]);
  assert.match(stdout, / 40 -> \/dev\/null$/m);
  assert.doesNotMatch(stdout, /passwd/);
});

test('posix_spawn closes in a task whatever is open here', { skip: POSIX_SKIP }, async (t) => {
  const { stdout } = await probe(t, 'exec 40</etc/passwd; export FAST_AFTER=0', ['keep', ...LIST]);
  assert.deepEqual(numbersIn(stdout), ['0', '1', '2']);
});

test('a start that lacks descriptors is tried four times and then failed', async (t) => {
  const { exit, waits } = await probe(t, 'ulimit -n 100', ['hoard', 'true']);
  assert.equal(exit.kind === 'failed' && exit.reason, 'resources');
  assert.deepEqual(waits, [50, 250, 1_000]);
});

test('a start that lacked descriptors works once there are some', async (t) => {
  const { exit, waits } = await probe(t, 'ulimit -n 100', ['release', 'true']);
  assert.deepEqual([exit, waits], [{ kind: 'exited', code: 0 }, [50, 250]]);
});

/** Runs the probe in a shell that has done `setup`. */
async function probe(t: TestContext, setup: string, [mode = '', ...argv]: readonly string[]): Promise<Probed> {
  const fifoDir = join(temporaryFolder(t), 'fifos');
  const script = `${setup}; exec "$@"`;
  const program = [process.execPath, '--import', 'tsx', PROBE, mode, fifoDir, ...argv];
  const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', ...program]);
  return JSON.parse(stdout);
}

function numbersIn(listing: string): (string | undefined)[] {
  return [...listing.matchAll(/ (\d+) -> /g)].map((match) => match[1]);
}
