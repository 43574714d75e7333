import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DaemonSandbox, processesOf } from '../support/daemon.ts';
import { driverSource } from '../support/plugin-rig.ts';
import { Sandbox } from '../support/program.ts';
import { until } from '../support/until.ts';

const GREET = 'taskGroup: [{ name: greet, type: greet, spec: {}, exports: [{ name: word, scope: global }] }]\n';

test('exec runs the task of a plugin, and no process of it is left', async (t) => {
  const sandbox = new Sandbox(t);
  mkdirSync(join(sandbox.folder, 'plugins'));
  sandbox.write('plugins/greet.js', driverSource('greet', "return { exports: { word: 'hello' } };"));
  const { code, result, stderr } = await sandbox.exec(GREET);
  assert.deepEqual([code, result?.results.greet?.outputs], [0, { word: 'hello' }], stderr);
  assert.deepEqual(processesOf(sandbox.folder), []);
});

test('a file that needs no plugin does not load any', async (t) => {
  const sandbox = new Sandbox(t);
  mkdirSync(join(sandbox.folder, 'plugins'));
  sandbox.write('plugins/proof.js', `require('node:fs').writeFileSync('${sandbox.folder}/loaded', '')`);
  assert.equal((await sandbox.exec('taskGroup: [{ name: a, run: "true" }]\n')).code, 0);
  assert.throws(() => sandbox.read('loaded'), /ENOENT/);
  assert.equal((await sandbox.exec(GREET)).code, 2);
  assert.equal(sandbox.read('loaded'), '');
});

test('validate names the plugin that cannot be used, and a mistake in its spec', async (t) => {
  const sandbox = new Sandbox(t);
  mkdirSync(join(sandbox.folder, 'others'));
  sandbox.write('others/greet.js', 'export default {\n  = 1 };\n');
  const file = sandbox.write('test.yml', GREET);
  const broken = await sandbox.run(['validate', file, '--plugins', 'others']);
  assert.equal(broken.code, 2);
  assert.match(
    broken.stderr,
    /test\.yml:1:34: error: the plugin "greet" \(others\/greet\.js\) cannot be used: SyntaxError: .* \(line 2\)/,
  );
  cpSync('plugins/hello-world.js', join(sandbox.folder, 'others/hello-world.js'));
  const wrong = sandbox.write('wrong.yml', 'taskGroup:\n  - name: a\n    type: hello-world\n    spec: { nam: x }\n');
  const { stderr } = await sandbox.run(['validate', wrong, '--plugins', 'others']);
  assert.match(stderr, /wrong\.yml:4:13: error: unknown key "nam" in the spec of hello-world; did you mean "name"\?/);
});

test('the schema for editors has what the plugins of the folder bring, and names the one that is broken', async (t) => {
  const sandbox = new Sandbox(t);
  mkdirSync(join(sandbox.folder, 'plugins'));
  cpSync('plugins/hello-world.js', join(sandbox.folder, 'plugins/hello-world.js'));
  sandbox.write('plugins/exits.js', 'process.exit(3);');
  const { code, stdout, stderr } = await sandbox.run(['schema']);
  assert.equal(code, 0);
  const [rule] = JSON.parse(stdout).definitions.taskEntry.allOf;
  assert.deepEqual(rule.if.properties.type, { const: 'hello-world' });
  assert.deepEqual(Object.keys(rule.then.properties.spec.properties), ['name']);
  assert.match(stderr, /^runner schema: the plugin "exits" \(plugins\/exits\.js\) cannot be used: .*exit code 3\n$/);
});

/** A sandbox with plugins beside its workflows. */
function daemonWith(t: TestContext, plugins: Readonly<Record<string, string>>): DaemonSandbox {
  const sandbox = new DaemonSandbox(t);
  mkdirSync(join(sandbox.folder, 'plugins'));
  for (const [name, text] of Object.entries(plugins)) writeFileSync(join(sandbox.folder, 'plugins', name), text);
  return sandbox;
}

test('a daemon runs plugins, lives with broken ones, and ends them with itself', async (t) => {
  const sandbox = daemonWith(t, {
    'greet.js': driverSource('greet', "console.log('printed'); return { exports: { word: 'hello' } };"),
    'exits.js': 'process.exit(3);',
  });
  sandbox.write('greet', GREET);
  sandbox.write('exits', 'taskGroup: [{ name: a, type: exits, spec: {} }]\n');
  const daemon = await sandbox.start();
  const run = await daemon.wait(await daemon.run('greet'));
  assert.deepEqual([run.status, run.results.greet.outputs], ['success', { word: 'hello' }]);
  const log = await daemon.ask('GET', `/api/v1/runs/${run.id}/tasks/greet/log?offset=0`);
  assert.match(String(log.body), /printed/);
  const { body } = await daemon.ask('GET', '/api/v1/workflows/exits');
  assert.equal(body.state, 'invalid');
  const [error] = body.diagnostics.filter(({ severity }: { severity: string }) => severity === 'error');
  assert.match(error.message, /the plugin "exits" .*cannot be used: it ended at once: exit code 3/);
  const doctor = await sandbox.cli(['doctor']);
  assert.match(doctor.stdout, /error +plugin exits: .*exit code 3/);
  assert.match(doctor.stdout, /ok +plugin greet: .*greet/);
  daemon.signal('SIGTERM');
  assert.equal((await daemon.ended).code, 0, daemon.stderr);
  assert.deepEqual(pluginProcesses(sandbox), []);
});

test('after kill -9 of the daemon, the job of a plugin is lost and its looping process is ended', async (t) => {
  const sandbox = daemonWith(t, { 'loop.js': driverSource('loop', "await io.write('stdout', 'on'); for (;;);") });
  sandbox.write('loop', 'taskGroup: [{ name: loop, type: loop, spec: {} }]\n');
  const daemon = await sandbox.start();
  const id = await daemon.run('loop');
  await until(() => pluginProcesses(sandbox).length > 0);
  await until(async () => {
    const { body } = await daemon.ask('GET', `/api/v1/runs/${id}/tasks/loop/log?offset=0`);
    return String(body).includes('on');
  });
  const [looping] = pluginProcesses(sandbox);
  await daemon.kill();
  const next = await sandbox.start();
  const run = await next.wait(id);
  assert.deepEqual([run.results.loop.status, run.results.loop.reason], ['failed', 'lost']);
  assert.ok(looping !== undefined && !pluginProcesses(sandbox).includes(looping));
});

function pluginProcesses({ folder }: DaemonSandbox): number[] {
  return processesOf(folder).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('plugin-host.cjs');
    } catch {
      return false;
    }
  });
}

/** Prints a number every 10 ms until it is let go, then exports how many there were. */
const COUNT = `i=0; while [ ! -e "$RUNNER_WORKSPACE/go" ]; do i=$((i+1)); echo "$i"; sleep 0.01; done; echo "count=$i" >> "$OUTPUT_FILE"; exit 5`;

const COUNTING = `#!/bin/sh
if [ "$1" = describe ]; then echo '{"api":1,"type":"count","schema":{"type":"object"}}'; exit; fi
i=0; while [ ! -e "$RUNNER_WORKSPACE/go" ]; do i=$((i+1)); echo "$i" >&3; sleep 0.01; done
printf '{ "exports": { "count": "%s" }, "message": "counted" }' "$i"
exit 5
`;

for (const [what, file, text] of [
  [
    'the command of a plugin',
    'count.js',
    driverSource('count', `return { command: ['sh', '-c', ${JSON.stringify(COUNT)}] };`),
  ],
  ['an executable plugin', 'count', COUNTING],
] as const) {
  test(`after kill -9 of the daemon, ${what} goes on: no output is missing, and its true end counts`, async (t) => {
    const sandbox = daemonWith(t, { [file]: text });
    chmodSync(join(sandbox.folder, 'plugins', file), 0o755);
    sandbox.write(
      'count',
      'taskGroup: [{ name: count, type: count, spec: {}, exports: [{ name: count, scope: global }] }]\n',
    );
    const daemon = await sandbox.start();
    const id = await daemon.run('count');
    const log = join(sandbox.stateDir, 'runs', id, 'logs', 'count.1.log');
    const lines = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []);
    await until(() => lines().length > 3);
    await daemon.kill();
    const before = lines().length;
    await until(() => lines().length > before + 3);
    const next = await sandbox.start();
    sandbox.touchIn(join(sandbox.stateDir, 'runs', id, 'workspace'), 'go');
    const { results } = await next.wait(id);
    const printed = lines();
    assert.deepEqual(
      printed,
      Array.from({ length: printed.length }, (_, index) => String(index + 1)),
    );
    const { reason, exit_code, outputs, attempts } = results.count;
    assert.deepEqual([reason, exit_code, attempts], ['exit_code', 5, 1]);
    assert.deepEqual(outputs, { count: String(printed.length) });
    const { body } = await next.ask('GET', `/api/v1/runs/${id}/tasks/count/log?offset=0`);
    assert.equal(String(body), `${printed.join('\n')}\n`);
  });
}

test('a plugin that breaks between two starts is told, and its task is not started again', async (t) => {
  const sandbox = daemonWith(t, {
    'count.js': driverSource('count', "await io.write('stdout', 'on'); await new Promise(() => {});"),
  });
  sandbox.write('count', 'taskGroup: [{ name: count, type: count, spec: {} }]\n');
  const daemon = await sandbox.start();
  const id = await daemon.run('count');
  await until(() => existsSync(join(sandbox.stateDir, 'runs', id, 'logs', 'count.1.log')));
  await daemon.kill();
  writeFileSync(join(sandbox.folder, 'plugins', 'count.js'), 'export default {{');
  const next = await sandbox.start();
  const failed = await next.said('plugin cannot be used');
  assert.equal(failed.plugin, 'count');
  // Nobody can read its file any more; that it is over is on record.
  const { body } = await next.ask('GET', '/api/v1/runs');
  assert.deepEqual(
    body.runs.map((run: { id: string; status: string }) => [run.id, run.status]),
    [[id, 'failed']],
  );
  assert.deepEqual(pluginProcesses(sandbox), []);
});

test('a called file, and completion, know the types of plugins', async (t) => {
  const sandbox = new Sandbox(t);
  mkdirSync(join(sandbox.folder, 'plugins'));
  sandbox.write('plugins/greet.js', driverSource('greet', "return { exports: { word: 'hello' } };"));
  sandbox.write('hail.yml', GREET);
  const { code, result, stderr } = await sandbox.exec(
    'taskGroup: [{ name: call, type: workflow, spec: { workflow: hail }, exports: [{ name: word, scope: global }] }]\n',
  );
  assert.deepEqual([code, result?.results.call?.outputs], [0, { word: 'hello' }], stderr);
  const completed = await sandbox.run(['completion', '--tasks', 'hail.yml']);
  assert.equal(completed.stdout, 'greet\n');
  assert.deepEqual(processesOf(sandbox.folder), []);
});
