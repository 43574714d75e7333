import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DOCKER_SOCKET, dockerSkip, TEST_IMAGE } from '../support/docker.ts';
import { type Finished, Sandbox } from '../support/program.ts';

/** A copy of the examples in a folder of its own, with a git history for those that want one. */
function examples(t: TestContext): Sandbox {
  const sandbox = new Sandbox(t);
  cpSync('workflows', join(sandbox.folder, 'workflows'), { recursive: true });
  cpSync('plugins', join(sandbox.folder, 'plugins'), { recursive: true });
  symlinkSync(resolve('schemas'), join(sandbox.folder, 'schemas'));
  return sandbox;
}

async function runExample(t: TestContext, name: string, args: readonly string[] = [], env = {}): Promise<Finished> {
  return examples(t).run(['exec', `workflows/${name}.yml`, ...args], env);
}

test('every example is valid and is run by a test of this file', async (t) => {
  const { code, stderr } = await examples(t).run(['validate', 'workflows']);
  assert.equal(code, 0, stderr);
  const tests = readFileSync('test/e2e/examples.test.ts', 'utf8');
  for (const file of readdirSync('workflows'))
    assert.match(tests, new RegExp(`^test\\('.*\\b${file.replace('.yml', '')}\\b`, 'm'), file);
});

test('hello greets', async (t) => {
  const { code, stdout } = await runExample(t, 'hello', ['--input', 'who=reader']);
  assert.equal(code, 0);
  assert.match(stdout, /Hello, reader! This is Linux/);
});

test('heartbeat tells the time', async (t) => {
  const { code, stdout } = await runExample(t, 'heartbeat', ['--json']);
  assert.equal(code, 0);
  assert.match(JSON.parse(stdout).results.beat.outputs.time, /^\d\d:\d\d:\d\d$/);
});

test('hello-plugin greets through a plugin', async (t) => {
  const { code, stdout } = await runExample(t, 'hello-plugin', ['--input', 'who=reader']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /repeat +\| Hello, reader!/);
});

test('fan-out collects what its branches count', async (t) => {
  const { code, stdout } = await runExample(t, 'fan-out');
  assert.equal(code, 0);
  assert.match(stdout, /100 small, 400 medium and 500 large numbers make 1000/);
});

test('changelog lists the commits of the repository it is given, here the current folder', async (t) => {
  const sandbox = examples(t);
  const git = (...args: string[]) => spawnSync('git', args, { cwd: sandbox.folder, encoding: 'utf8' });
  git('init', '-q');
  for (const message of ['First step', 'It\'s a "quoted" $(step)']) {
    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-q', '--allow-empty', '-m', message);
  }
  const { code, stdout } = await sandbox.run(['exec', 'workflows/changelog.yml', '--input', 'count=2']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /- First step \(Ada\)/);
  assert.ok(stdout.includes('- It\'s a "quoted" $(step) (Ada)'), stdout);
});

test('failure-handling retries, tolerates, and calls the handler only for a failure', async (t) => {
  const { code, stdout } = await runExample(t, 'failure-handling', ['--json']);
  const { status, results } = JSON.parse(stdout);
  assert.equal(code, 0);
  assert.equal(status, 'success');
  assert.deepEqual([results.flaky.status, results.flaky.attempts], ['success', 2]);
  assert.deepEqual([results.optional.status, results.optional.exit_code], ['failed', 3]);
  assert.deepEqual([results['cry-for-help'].status, results['cry-for-help'].reason], ['skipped', 'dependency']);
  assert.equal(results.report.status, 'success');
});

test('secret shows neither the secret nor what is made of it', async (t) => {
  const { code, stdout } = await runExample(t, 'secret', ['--secret', 'API_PASSWORD'], {
    API_PASSWORD: 'correct-horse',
  });
  assert.equal(code, 0);
  assert.match(stdout, /signing in with \*\*\*/);
  assert.match(stdout, /calling with \*\*\*/);
  assert.ok(!stdout.includes('correct-horse') && !stdout.includes('token-for-'), stdout);
});

test('the seed-sample passes its password on, masked and out of the result', async (t) => {
  const { code, stdout, stderr } = await runExample(t, 'seed-sample', ['--json']);
  assert.equal(code, 0);
  assert.match(stderr, /bar \| \*\*\*/);
  assert.ok(!stdout.includes('open-sesame') && !stderr.includes('open-sesame'));
  assert.deepEqual(Object.keys(JSON.parse(stdout).results.foo.outputs), []);
});

test('matrix greets once for each combination and reads them all', async (t) => {
  const { code, stdout, stderr } = await runExample(t, 'matrix', ['--json']);
  assert.equal(code, 0, stderr);
  const { greet } = JSON.parse(stdout).results;
  assert.deepEqual(greet.outputs.line, [
    'good morning from sh',
    'hello from bash',
    'good morning from bash',
    'bye from awk',
  ]);
  const names = greet.instances.map(({ name }: { name: string }) => name);
  assert.deepEqual(names, [
    'greet(program=sh,greeting="good morning")',
    'greet(program=bash,greeting=hello,mark="!")',
    'greet(program=bash,greeting="good morning",mark="!")',
    'greet(program=awk,greeting=bye)',
  ]);
  assert.match(
    stderr,
    /report +\| - good morning from sh\n.*- hello from bash\n.*- good morning from bash\n.*- bye from awk\n/,
  );
  assert.match(stderr, /report +\| the last one: bye from awk/);
});

test('build-cached compiles once for each channel, and names what changed', async (t) => {
  const sandbox = examples(t);
  const run = async (...args: string[]) => (await sandbox.run(['exec', 'workflows/build-cached.yml', ...args])).stdout;
  assert.match(await run(), /compiling for beta/);
  const second = await run();
  assert.match(second, /compile > success from the cache/);
  assert.match(second, /report +\| 20 lines; the first one is 9/);
  assert.match(await run('--input', 'channel=stable'), /miss; inputs\.channel changed/);
});

test('expression fills a template that one task found with what another one found', async (t) => {
  const { code, stdout, stderr } = await runExample(t, 'expression', ['--json']);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).results.written.outputs.result, 'Dear Ada, all is well.');
});

test('call goes on with what the workflow it calls has found', async (t) => {
  const { code, stdout } = await runExample(t, 'call');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /send +\| sending: Dear Ada, all is well\./);
});

test('container counts inside what was written outside', { skip: await dockerSkip() }, async (t) => {
  const env = { RUNNER_DOCKER_SOCKET: DOCKER_SOCKET };
  const { code, stdout } = await runExample(t, 'container', ['--input', `image=${TEST_IMAGE}`], env);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /report +\| There are 3 words\./);
});
