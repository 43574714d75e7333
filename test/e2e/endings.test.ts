import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finished, printed, Sandbox } from '../support/program.ts';

/** Processes whose environment carries a mark. */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
    } catch {
      return false;
    }
  });
}

test('an interrupt cancels, runs the clean-up, leaves nothing behind and exits 130', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write(
    'long.yml',
    `
env: { TEST_MARK: "long-${process.pid}" }
taskGroup:
  - name: work
    run: |
      trap '' TERM
      setsid sleep 300 &
      (setsid sh -c 'sleep 300 & sleep 300' &)
      echo ready
      while :; do sleep 300; done
  - { name: cleanup, run: "touch cleaned", depends_on: [{ task: work, when: always }] }
`,
  );
  const child = sandbox.start(['exec', 'long.yml', '--grace', '200ms']);
  const ended = finished(child);
  await printed(child, 'ready');
  assert.ok(marked(`TEST_MARK=long-${process.pid}`).length > 0);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  assert.equal(code, 130, stdout);
  assert.ok(existsSync(join(sandbox.folder, 'cleaned')));
  assert.deepEqual(marked(`TEST_MARK=long-${process.pid}`), []);
});

test('a background process does not outlive its task, whatever it does', async (t) => {
  const { code, result } = await new Sandbox(t).exec(`
env: { TEST_MARK: "bg-${process.pid}" }
taskGroup:
  - { name: plain, run: "sleep 300 & echo started" }
  - { name: escaped, run: "setsid sleep 300 >/dev/null 2>&1 & echo started" }
`);
  assert.equal(code, 0);
  assert.equal(result?.status, 'success');
  assert.deepEqual(marked(`TEST_MARK=bg-${process.pid}`), []);
});

test('a task at its time limit is ended and says so', async (t) => {
  const { code, result } = await new Sandbox(t).exec(
    'taskGroup: [{ name: slow, run: "sleep 300", timeout: 100ms }]\n',
    ['--grace', '100ms'],
  );
  assert.equal(code, 1);
  assert.equal(result?.results.slow?.reason, 'timed_out');
});

test('a reader that goes away ends the run quietly', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('chatty.yml', 'taskGroup: [{ name: chatty, run: "yes | head -c 50000000" }]\n');
  const { status, stdout, stderr } = shell(sandbox, 'set -o pipefail; "$RUNNER" exec chatty.yml | head -1');
  assert.deepEqual([status, stderr], [130, '']);
  assert.equal(stdout.split('\n').length, 2);
});

test('a result that cannot be written is no success', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('fine.yml', 'taskGroup: [{ name: a, run: "true" }]\n');
  for (const words of ['exec fine.yml --json', 'validate fine.yml --json', 'schema', '--version']) {
    const { status, stderr } = shell(sandbox, `"$RUNNER" ${words} > /dev/full`);
    assert.equal(status, 1, words);
    assert.match(stderr, /(^|\n)runner: stdout cannot be written to: ENOSPC: no space left on device, write\n$/);
  }
});

test('in a folder that has been removed meanwhile, it says so', (t) => {
  const { status, stderr } = shell(new Sandbox(t), 'mkdir gone; cd gone; rmdir ../gone; "$RUNNER" exec a.yml');
  assert.deepEqual([status, stderr], [2, 'runner: the current folder does not exist any more\n']);
});

test('a pipe in the place of a payload is refused, and not waited for', (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('fine.yml', 'taskGroup: [{ name: a, run: "true" }]\n');
  const { status, stderr } = shell(sandbox, 'mkfifo pipe; "$RUNNER" exec fine.yml --event pipe');
  assert.deepEqual([status, stderr], [2, `runner exec: --event ${sandbox.folder}/pipe: this is a pipe, not a file\n`]);
});

/** Runs a line of shell that calls the program as `"$RUNNER"`. */
function shell({ folder, env }: Sandbox, line: string) {
  const RUNNER = join(process.cwd(), 'dist/runner.cjs');
  return spawnSync('bash', ['-c', line], { cwd: folder, env: { ...env, RUNNER }, encoding: 'utf8', timeout: 30_000 });
}

test('each way a command cannot start has its reason', async (t) => {
  const sandbox = new Sandbox(t);
  sandbox.write('plain.txt', 'echo hi\n');
  sandbox.write('crlf.sh', '#!/bin/sh\r\necho hi\r\n');
  spawnSync('chmod', ['+x', 'crlf.sh'], { cwd: sandbox.folder });
  const { result } = await sandbox.exec(`
taskGroup:
  - { name: missing, type: os_exec, spec: { command: [no-such-program-anywhere] } }
  - { name: plain, type: os_exec, spec: { command: [./plain.txt] } }
  - { name: crlf, type: os_exec, spec: { command: [./crlf.sh] } }
  - { name: folder, type: os_exec, spec: { command: ["true"] }, working_dir: nowhere }
  - { name: killed, run: "kill -SEGV $$" }
`);
  const reasons = Object.values(result?.results ?? {}).map(({ name, reason, exit_code }) => [name, reason, exit_code]);
  assert.deepEqual(reasons, [
    ['missing', 'not_found', null],
    ['plain', 'not_executable', null],
    ['crlf', 'bad_interpreter', null],
    ['folder', 'bad_working_dir', null],
    ['killed', 'signal', null],
  ]);
});

test('output is kept byte for byte', async (t) => {
  const sandbox = new Sandbox(t);
  const { code } = await sandbox.exec(
    'taskGroup: [{ name: noise, run: "head -c 3000000 /dev/urandom | tee noise.bin; tail -c 100 noise.bin > /dev/stderr" }]\n',
    ['--state-dir', 'state'],
  );
  assert.equal(code, 0);
  const [run] = readdirSync(join(sandbox.folder, 'state', 'runs'));
  const log = readFileSync(join(sandbox.folder, 'state', 'runs', run ?? '', 'logs', 'noise.1.log'));
  const noise = readFileSync(join(sandbox.folder, 'noise.bin'));
  assert.equal(log.length, noise.length + 100);
  assert.ok(log.includes(noise.subarray(0, 1_000_000)));
});
