import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Job, JobFile } from '../../src/model/ports.ts';
import type { Exit } from '../../src/model/run.ts';
import { findProgram } from '../../src/util/find-program.ts';
import { processJob, processSubject, TEST_PATH } from '../support/process-driver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { WatchedIO } from '../support/watched-io.ts';

class DriverRig {
  readonly folder: string;
  readonly io = new WatchedIO();
  readonly #t: TestContext;

  constructor(t: TestContext) {
    this.#t = t;
    this.folder = temporaryFolder(t);
  }

  run(command: string | readonly string[], changes: Partial<Job> = {}): Promise<Exit> {
    const { driver } = processSubject(this.#t, this.folder);
    return driver.run(processJob(this.folder, command, changes), this.io);
  }

  /** What stands in the folder, hidden things aside. */
  entries(): string[] {
    return readdirSync(this.folder).filter((name) => !name.startsWith('.'));
  }
}

const OK: Exit = { kind: 'exited', code: 0 };

test('a list is started without a shell', async (t) => {
  const rig = new DriverRig(t);
  await rig.run(['echo', '$HOME', '; exit 3', '*']);
  assert.equal(rig.io.stdout, '$HOME ; exit 3 *\n');
});

test('a script ends at its first failing command, also inside a pipe', async (t) => {
  for (const script of ['false; echo on', 'false | true; echo on']) {
    const rig = new DriverRig(t);
    assert.deepEqual([await rig.run(script), rig.io.stdout], [{ kind: 'exited', code: 1 }, '']);
  }
});

const SHELLS = [
  { shell: 'bash', script: 'echo "$BASH_VERSION"', output: /^\d/ },
  { shell: 'sh', script: 'echo "a$BASH_VERSION"; false; echo b', output: /^a.*\n$/ },
  { shell: 'dash', script: 'echo "a$BASH_VERSION"; false; echo b', output: /^a\n$/ },
  { shell: 'python', script: 'import sys\nprint(sys.version_info.major)', output: /^3\n$/ },
  { shell: 'node', script: 'console.log(typeof require)', output: /^function\n$/ },
];

for (const { shell, script, output } of SHELLS) {
  const program = shell === 'python' ? 'python3' : shell;
  const skip = findProgram(program, TEST_PATH) === undefined ? `there is no ${program} here` : false;
  test(`shell ${shell} runs a script, short or too long for an argument`, { skip }, async (t) => {
    const rig = new DriverRig(t);
    await rig.run(script, { shell });
    assert.match(rig.io.stdout, output);
    const comment = shell === 'node' ? '//' : '#';
    const long = new DriverRig(t);
    await long.run(`${script}\n${comment}${'x'.repeat(200_000)}`, { shell });
    assert.match(long.io.stdout, output);
    assert.equal(existsSync(join(long.folder, '.scratch')), false);
  });
}

test('the env of the spec wins, except over what the program relies on', async (t) => {
  const rig = new DriverRig(t);
  const job = processJob(rig.folder, ['env', '-0']);
  const env = { A: 'spec', NUMBER: 1, NOTHING: null, OUTPUT_FILE: 'x', RUNNER_RUN_ID: 'x', RUNNER_TASK_ID: 'x' };
  await rig.run([], { ...job, env: { ...job.env, A: 'task', NOTHING: 'kept' }, spec: { ...job.spec, env } });
  const lines = rig.io.stdout.split('\0');
  for (const line of ['A=spec', 'NUMBER=1', 'NOTHING=kept', `OUTPUT_FILE=${job.outputFile}`])
    assert.ok(lines.includes(line));
  assert.ok(lines.includes(`RUNNER_TASK_ID=${job.runId}.task.1`));
  assert.ok(lines.includes(`RUNNER_RUN_ID=${job.runId}`));
});

test('the working folder is relative to the workspace', async (t) => {
  const rig = new DriverRig(t);
  mkdirSync(join(rig.folder, 'sub'));
  await rig.run('pwd', { workingDir: 'sub' });
  assert.equal(rig.io.stdout, `${join(rig.folder, 'sub')}\n`);
});

test('a missing working folder is bad_working_dir, with files too, and is not made', async (t) => {
  for (const files of [[], [bytes('a', 'x')]]) {
    const rig = new DriverRig(t);
    const exit = await rig.run('pwd', { workingDir: 'sub', files });
    assert.equal(exit.kind === 'failed' && exit.reason, 'bad_working_dir');
    assert.deepEqual(rig.entries(), []);
  }
});

test('files are put in place with their mode, and taken away with the folders made for them', async (t) => {
  const rig = new DriverRig(t);
  mkdirSync(join(rig.folder, 'there'));
  writeFileSync(join(rig.folder, 'source.txt'), 'from source');
  const files: JobFile[] = [
    bytes('there/new/secret', 'hidden', 0o600),
    { path: 'copy.sh', mode: 0o777, content: { kind: 'source', path: 'source.txt' } },
  ];
  assert.deepEqual(
    await rig.run("cat there/new/secret copy.sh; stat -c ' %a' there/new/secret copy.sh", { files }),
    OK,
  );
  assert.equal(rig.io.stdout, 'hiddenfrom source 600\n 777\n');
  assert.deepEqual(rig.entries().sort(), ['source.txt', 'there']);
  assert.deepEqual(readdirSync(join(rig.folder, 'there')), []);
  assert.deepEqual(rig.io.phases, ['provisioning', 'deprovisioning']);
});

test('a folder made for a file stays when the task has put something into it', async (t) => {
  const rig = new DriverRig(t);
  assert.deepEqual(await rig.run('touch new/mine', { files: [bytes('new/file', '')] }), OK);
  assert.deepEqual(readdirSync(join(rig.folder, 'new')), ['mine']);
});

test('a file that is there already is not written over, and those before it are taken away', async (t) => {
  const rig = new DriverRig(t);
  writeFileSync(join(rig.folder, 'mine'), 'precious');
  const exit = await rig.run('true', { files: [bytes('first', 'x'), bytes('mine', 'x')] });
  assert.match(badFile(exit), /"mine" is there already and is not written over/);
  assert.equal(readFileSync(join(rig.folder, 'mine'), 'utf8'), 'precious');
  assert.deepEqual(rig.entries(), ['mine']);
});

test('a file never leaves the working folder', async (t) => {
  const rig = new DriverRig(t);
  const outside = temporaryFolder(t);
  symlinkSync(outside, join(rig.folder, 'link'));
  symlinkSync(join(outside, 'target'), join(rig.folder, 'dangling'));
  for (const path of ['../out', '/tmp/out', 'a/../../out', '.', '', 'a/', 'link/out', 'link/a/out', 'dangling']) {
    assert.match(badFile(await rig.run('true', { files: [bytes(path, 'x')] })), /^the file /, path);
  }
  assert.deepEqual(readdirSync(outside), []);
});

test('a source that is not a regular file is refused without waiting for it', async (t) => {
  const rig = new DriverRig(t);
  await rig.run('mkfifo pipe');
  const file: JobFile = { path: 'copy', mode: 0o600, content: { kind: 'source', path: 'pipe' } };
  assert.match(badFile(await rig.run('true', { files: [file] })), /is not a regular file/);
});

test('files that cannot be taken away are noted', async (t) => {
  const rig = new DriverRig(t);
  const exit = await rig.run('rm new/file && mkdir new/file', { files: [bytes('new/file', '')] });
  assert.match(JSON.stringify(exit), /was not removed/);
});

function bytes(path: string, text: string, mode = 0o644): JobFile {
  return { path, mode, content: { kind: 'bytes', bytes: Buffer.from(text) } };
}

function badFile(exit: Exit): string {
  assert.equal(exit.kind === 'failed' && exit.reason, 'bad_file');
  return exit.kind === 'failed' ? exit.message : '';
}
