import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLog } from '../../src/util/log/log-reader.ts';
import { containersOf, DOCKER_SOCKET, dockerSkip, engine, removeContainers, TEST_IMAGE } from '../support/docker.ts';
import { DockerSandbox } from '../support/docker-sandbox.ts';
import { finished, Sandbox } from '../support/program.ts';
import { TestRegistry } from '../support/test-registry.ts';
import { until } from '../support/until.ts';

const skip = await dockerSkip();
const env = { RUNNER_DOCKER_SOCKET: DOCKER_SOCKET };

test('a container outlives a kill -9 of the daemon: its log has no gap, and its true exit code counts', {
  skip,
}, async (t) => {
  const sandbox = new DockerSandbox(t);
  sandbox.write(
    'adopt',
    workflow(`
      echo "S $RUNNER_ATTEMPT"; echo e1 >&2; seq 1 2000; touch began
      while ! test -e go; do sleep 0.05; done
      seq 2001 4000; echo e2 >&2; printf last; exit 7`),
  );
  const first = await sandbox.start([], env);
  const run = await first.run('adopt');
  const workspace = join(sandbox.stateDir, 'runs', run, 'workspace');
  await until(() => existsSync(join(workspace, 'began')));
  await first.kill();
  const second = await sandbox.start([], env);
  sandbox.touchIn(workspace, 'go');
  const ended = await second.wait(run);
  const task = ended.results.task;
  assert.deepEqual([task.status, task.reason, task.exit_code, task.attempts], ['failed', 'exit_code', 7, 1]);
  const lines = [...readLog(join(sandbox.stateDir, 'runs', run, 'logs', 'task.1.log'))];
  const of = (stream: string) => lines.filter(({ source }) => source === stream).map(({ text }) => text);
  const counted = Array.from({ length: 4000 }, (_, index) => String(index + 1));
  assert.deepEqual(of('stdout'), ['S 1', ...counted, 'last']);
  assert.deepEqual(of('stderr'), ['e1', 'e2']);
  assert.deepEqual(containersOf(`runner.run=${run}`), []);
});

test('output that is no text outlives a kill -9 of the daemon byte for byte', { skip }, async (t) => {
  const sandbox = new DockerSandbox(t);
  sandbox.write(
    'adopt',
    workflow(`
      head -c 300000 /dev/urandom | tee a; touch began
      while ! test -e go; do sleep 0.05; done
      head -c 300001 /dev/urandom | tee b`),
  );
  const first = await sandbox.start([], env);
  const run = await first.run('adopt');
  const workspace = join(sandbox.stateDir, 'runs', run, 'workspace');
  await until(() => existsSync(join(workspace, 'began')));
  await first.kill();
  const second = await sandbox.start([], env);
  sandbox.touchIn(workspace, 'go');
  await second.wait(run);
  const log = readFileSync(join(sandbox.stateDir, 'runs', run, 'logs', 'task.1.log'));
  const written = ['a', 'b'].map((name) => readFileSync(join(workspace, name)));
  assert.ok(
    log.equals(Buffer.concat(written)),
    `${log.length} bytes are not the ${written.map((part) => part.length)}`,
  );
});

test('a container that ended while the daemon was dead tells its exit code and what it wrote', { skip }, async (t) => {
  const sandbox = new DockerSandbox(t);
  sandbox.write('adopt', workflow('touch began; while ! test -e go; do sleep 0.05; done; echo over; exit 5'));
  const first = await sandbox.start([], env);
  const run = await first.run('adopt');
  const workspace = join(sandbox.stateDir, 'runs', run, 'workspace');
  await until(() => existsSync(join(workspace, 'began')));
  await first.kill();
  sandbox.touchIn(workspace, 'go');
  const [name = ''] = containersOf(`runner.run=${run}`);
  await engine.call('POST', `/containers${name}/wait`);
  const second = await sandbox.start([], env);
  const { results } = await second.wait(run);
  assert.equal(results.task.exit_code, 5);
  assert.match((await sandbox.cli(['logs', run, 'task'])).stdout, /over/);
  assert.deepEqual(containersOf(`runner.run=${run}`), []);
});

test('a container that was removed while the daemon was dead makes its task lost', { skip }, async (t) => {
  const sandbox = new DockerSandbox(t);
  sandbox.write('adopt', workflow('touch began; sleep 1000'));
  const first = await sandbox.start([], env);
  const run = await first.run('adopt');
  await until(() => existsSync(join(sandbox.stateDir, 'runs', run, 'workspace', 'began')));
  await first.kill();
  await removeContainers(`runner.run=${run}`);
  const second = await sandbox.start([], env);
  const { results } = await second.wait(run);
  assert.deepEqual([results.task.status, results.task.reason], ['failed', 'lost']);
  assert.match(results.task.message, /container .* since /);
});

test('how far the fetching of an image is, is seen in the run, in its events and by who follows it', {
  skip,
}, async (t) => {
  const sandbox = new DockerSandbox(t);
  const registry = await TestRegistry.start(t, { isHeld: true });
  sandbox.write('fetch', workflow('cat /etc/made-for', registry.image));
  const daemon = await sandbox.start([], env);
  const run = await daemon.run('fetch');
  const following = sandbox.cli(['logs', run, '-f']);
  let message = '';
  await until(async () => {
    const { tasks } = (await daemon.ask('GET', `/api/v1/runs/${run}`)).body;
    message = tasks[0].message ?? '';
    return message.includes('1 of 2 layers');
  });
  assert.match(
    (await sandbox.cli(['show', run])).stdout,
    /provisioning.*task: fetching the image .*: 1 of 2 layers, /s,
  );
  registry.release();
  const { results } = await daemon.wait(run);
  assert.equal(results.task.status, 'success');
  assert.match((await following).stdout, /task > fetching the image.*task \| the tests of runner/s);
});

test('cancelling a run ends and removes its containers', { skip }, async (t) => {
  const sandbox = new DockerSandbox(t);
  sandbox.write('long', workflow("trap '' TERM; touch began; while :; do sleep 1; done"));
  const daemon = await sandbox.start([], { ...env, RUNNER_GRACE: '100ms' });
  const run = await daemon.run('long');
  await until(() => existsSync(join(sandbox.stateDir, 'runs', run, 'workspace', 'began')));
  const { code } = await sandbox.cli(['cancel', run, '--wait']);
  assert.equal(code, 0);
  assert.deepEqual(containersOf(`runner.run=${run}`), []);
});

test('a daemon takes away what it left of runs that are over, and nothing else', { skip }, async (t) => {
  const sandbox = new DockerSandbox(t);
  const first = await sandbox.start([], env);
  await first.kill();
  const ours = await containerWith({ runner: sandbox.instance, 'runner.run': 'long-gone' });
  const others = await containerWith({ runner: `${sandbox.instance}-of-another`, 'runner.run': 'long-gone' });
  t.after(() => removeContainers(`runner=${sandbox.instance}-of-another`));
  const second = await sandbox.start([], env);
  const said = await second.said('containers left behind removed');
  assert.deepEqual(said.containers, [ours]);
  assert.equal(await exists(others), true);
});

test('after a loss no container of a run that was given up is left', { skip }, async (t) => {
  const sandbox = new DockerSandbox(t);
  sandbox.write('adopt', workflow('touch began; sleep 1000'));
  sandbox.write('quick', "taskGroup: [{ name: it, run: 'true' }]");
  const first = await sandbox.start([], env);
  const run = await first.run('adopt');
  await until(() => existsSync(join(sandbox.stateDir, 'runs', run, 'workspace', 'began')));
  const log = sandbox.databaseFile(/\.log$/);
  const kept = statSync(log).size;
  await first.wait(await first.run('quick'));
  await first.kill();
  truncateSync(log, kept);
  const second = await sandbox.start([], env);
  await second.said('state was lost');
  assert.equal((await second.wait(run)).results.task.reason, 'lost');
  assert.deepEqual(containersOf(`runner.run=${run}`), []);
});

test('the container of an exec that was killed is taken away by the next one, and no other', { skip }, async (t) => {
  const sandbox = new Sandbox(t);
  const begin = async (name: string) => {
    const file = sandbox.write(`${name}.yml`, workflow(`touch ${name}; sleep 1000`));
    const child = sandbox.start(['exec', file, '--json', '--grace', '0s'], env);
    const end = finished(child);
    await until(() => existsSync(join(sandbox.folder, name)));
    return { child, end };
  };
  const [killed, alive] = [await begin('killed'), await begin('alive')];
  killed.child.kill('SIGKILL');
  await killed.end;
  const runs = readdirSync(join(sandbox.stateDir, 'runs'));
  const containers = () => runs.map((run) => containersOf(`runner.run=${run}`).length);
  assert.deepEqual(containers(), [1, 1]);
  const elsewhere = new Sandbox(t);
  assert.equal((await elsewhere.exec(workflow('true'), [], env)).code, 0);
  assert.deepEqual(containers(), [1, 1]);
  assert.equal((await sandbox.exec(workflow('true'), [], env)).code, 0);
  assert.deepEqual(containers(), [0, 1]);
  alive.child.kill('SIGINT');
  await alive.end;
  assert.deepEqual(containers(), [0, 0]);
});

test('exec runs a task in a container, which takes and exports values like any other', { skip }, async (t) => {
  const sandbox = new Sandbox(t);
  const { result, stderr } = await sandbox.exec(EXAMPLE, ['--input', `who=${HOSTILE}`], env);
  const outputs = (task: string) => result?.results[task]?.outputs;
  assert.deepEqual([outputs('greet'), outputs('local')], [{ greeting: HOSTILE }, { again: HOSTILE }], stderr);
  assert.equal(existsSync(join(sandbox.folder, 'pwned')), false);
});

test('an exec that is interrupted leaves no container', { skip }, async (t) => {
  const sandbox = new Sandbox(t);
  const file = sandbox.write('long.yml', workflow("trap '' TERM; touch began; while :; do sleep 1; done"));
  const child = sandbox.start(['exec', file, '--json', '--grace', '100ms'], env);
  const end = finished(child);
  await until(() => existsSync(join(sandbox.folder, 'began')));
  child.kill('SIGINT');
  const { code, stdout } = await end;
  assert.equal(code, 130);
  assert.deepEqual(containersOf(`runner.run=${JSON.parse(stdout).id}`), []);
});

const HOSTILE = '$(touch pwned) "x"';

const EXAMPLE = `
inputs: { who: { default: world } }
taskGroup:
  - name: greet
    image: ${TEST_IMAGE}
    run: |
      printf 'greeting=%s\\n' "{{ inputs.who }}" >> "$OUTPUT_FILE"
      echo from the container > note
    exports: [{ name: greeting, scope: global }]
    resources: { memory: 64MiB, pids: 20 }
  - name: local
    run: test -s note && echo "again={{ greet.greeting }}" >> "$OUTPUT_FILE"
    imports: [{ from: greet, variable: greeting }]
    exports: [{ name: again, scope: global }]
`;

function workflow(script: string, image = TEST_IMAGE): string {
  const lines = script.split('\n').map((line) => `      ${line.trim()}`);
  return `taskGroup:\n  - name: task\n    image: ${image}\n    run: |\n${lines.join('\n')}\n`;
}

async function containerWith(labels: Readonly<Record<string, string>>): Promise<string> {
  const body = { Image: TEST_IMAGE, Cmd: ['true'], Labels: labels };
  return ((await engine.call('POST', '/containers/create', { body })) as { Id: string }).Id;
}

function exists(id: string): Promise<boolean> {
  return engine.call('GET', `/containers/${id}/json`).then(
    () => true,
    () => false,
  );
}
