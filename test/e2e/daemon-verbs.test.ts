import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { pendingTask, RUN_ID, runDetail, taskView } from '../support/api-views.ts';
import { FakeDaemon, sendNothing } from '../support/fake-daemon.ts';
import { FakeRun } from '../support/fake-run.ts';
import { finished, PROGRAM, printed, Sandbox } from '../support/program.ts';

const RUNNING = taskView('build', { phase: 'running', status: null, ended_at: null });

async function rig(t: Parameters<typeof FakeDaemon.start>[0]) {
  const daemon = await FakeDaemon.start(t);
  const run = new FakeRun(daemon, runDetail([RUNNING, pendingTask('test')], { status: 'running', ended_at: null }));
  return { daemon, run, sandbox: new Sandbox(t), env: { RUNNER_HOME: daemon.folder } };
}

test('the program follows a run to its end, and then ends itself', async (t) => {
  const { daemon, run, sandbox, env } = await rig(t);
  daemon.on('POST workflows/a/runs', () => ({ id: RUN_ID, number: 7, status: 'queued' }));
  const child = sandbox.start(['run', 'a', '--follow'], env);
  const ended = finished(child);
  run.write('build', 'hello\n');
  await printed(child, 'build | hello\n');
  run.complete('build');
  run.change({ status: 'failed', tasks: [taskView('build'), pendingTask('test')] });
  const { code, stdout, stderr } = await ended;
  assert.deepEqual({ code, stderr }, { code: 1, stderr: '' });
  assert.match(stdout, /^failed in /m);
});

test('SIGINT ends the waiting of the program, with exit code 130', async (t) => {
  const { daemon, sandbox, env } = await rig(t);
  const child = sandbox.start(['wait', RUN_ID], env);
  const ended = finished(child);
  await daemon.asked(`GET runs/${RUN_ID}`);
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  assert.equal(code, 130);
  assert.match(stderr, /^\nno longer waiting; the run goes on\. /);
});

test('the program ends quietly when head has seen enough, in a list and while it follows', async (t) => {
  const { daemon, run, sandbox, env } = await rig(t);
  const runs = Array.from({ length: 5000 }, (_item, index) => ({
    ...run.detail,
    number: index + 1,
    id: `id-${index}`,
  }));
  daemon.on('GET runs', () => ({ runs, more: false }));
  run.write('build', 'first\n');
  for (const words of ['runs', `logs ${RUN_ID} build -f`]) {
    const script = `"$NODE" "$PROGRAM" ${words} | head -1`;
    const child = spawn('bash', ['-c', script], { env: { ...sandbox.env, ...env, NODE: process.execPath, PROGRAM } });
    const ended = finished(child);
    if (words.startsWith('logs')) {
      await printed(child, 'first\n');
      // The pipe is found broken by the next write.
      run.write('build', 'second\n');
    }
    const { stdout, stderr } = await ended;
    assert.equal(stdout.split('\n').length, 2);
    assert.equal(stderr, '');
  }
});

test('exec does not load what only the verbs of a daemon need', async (t) => {
  const { sandbox } = await rig(t);
  sandbox.write('a.yml', 'taskGroup:\n  - { name: a, run: "true" }\n');
  const spy = sandbox.write(
    'spy.cjs',
    "process.on('exit', () => process.stderr.write(`http: ${process.moduleLoadList.includes('NativeModule http')}`));",
  );
  const env = { NODE_OPTIONS: `--require ${spy}` };
  assert.match((await sandbox.run(['exec', 'a.yml', '--no-cache'], env)).stderr, /http: false$/);
  assert.match((await sandbox.run(['runs'], env)).stderr, /http: true$/);
});

const NO_SCRIPT = spawnSync('script', ['--version']).error ? 'script (util-linux) is not installed' : false;

test('secret set asks on a terminal, and shows nothing of what is typed', { skip: NO_SCRIPT }, async (t) => {
  const { daemon, sandbox, env } = await rig(t);
  daemon.on('GET status', () => ({})).on('PUT secrets/KEY', sendNothing);
  const program = `"$NODE" "$PROGRAM" secret set KEY`;
  for (const [typed, code] of [
    ['open-sesame\r', 0],
    ['open\x03', 130],
  ] as const) {
    const child = spawn('script', ['-qefc', program, '/dev/null'], {
      env: { ...sandbox.env, ...env, NODE: process.execPath, PROGRAM, TERM: 'xterm' },
    });
    const ended = finished(child);
    await printed(child, '(it is not shown): ');
    child.stdin.write(typed);
    const { stdout, code: exit } = await ended;
    assert.equal(exit, code);
    assert.ok(!stdout.includes('open'), stdout);
  }
  assert.deepEqual(
    daemon.requestsOf('PUT secrets/KEY').map(({ body }) => body),
    [{ value: 'open-sesame' }],
  );
});
