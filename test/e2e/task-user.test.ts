import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DaemonSandbox, processesOf } from '../support/daemon.ts';
import { DOCKER_SOCKET, dockerSkip, TEST_IMAGE } from '../support/docker.ts';

const NAME = 'runnertask';
const CANNOT =
  process.getuid?.() !== 0
    ? 'only root can run tasks as another user'
    : ['setpriv', 'useradd', 'getent'].find((program) => spawnSync(program, ['--help']).error !== undefined);
const OPTIONS = { skip: CANNOT === undefined ? false : `${CANNOT} is needed`, timeout: 120_000 };

/** A sandbox whose daemon runs tasks as a user of their own, who may enter the folder and write to the ledger. */
function sandboxFor(t: TestContext): DaemonSandbox {
  if (spawnSync('getent', ['passwd', NAME]).status !== 0) {
    execFileSync('useradd', ['--system', '--no-create-home', '--user-group', '--groups', 'games', NAME]);
    t.after(() => void spawnSync('userdel', [NAME]));
  }
  const sandbox = new DaemonSandbox(t);
  chmodSync(sandbox.folder, 0o755);
  chmodSync(sandbox.ledger, 0o666);
  return sandbox;
}

const AS_TASKS = { RUNNER_OS_EXEC_USER: NAME, RUNNER_DOCKER_SOCKET: DOCKER_SOCKET };

async function outcome(sandbox: DaemonSandbox, yaml: string) {
  sandbox.write('job', yaml);
  const daemon = await sandbox.start([], AS_TASKS);
  const run = await daemon.run('job');
  const ended = await daemon.wait(run);
  const log = await daemon.ask('GET', `/api/v1/runs/${run}/tasks/a/log`);
  return { daemon, run, ended, log: JSON.stringify(log.body) };
}

test(
  'tasks run as another user, with its groups and variables, and cannot read what the daemon keeps',
  OPTIONS,
  async (t) => {
    const sandbox = sandboxFor(t);
    const { ended, log } = await outcome(
      sandbox,
      `taskGroup:
  - name: a
    exports: [{ name: said }]
    files: [{ path: sub/note, text: hello }]
    run: |
      echo "$(id -un) $(id -Gn) $USER $LOGNAME caps $(grep CapEff /proc/self/status)"
      echo loud > /dev/stderr
      cat sub/note; echo more > sub/other; touch mine
      grep -q . "$RUNNER_EVENT_PATH" && echo "said=$(id -un)" >> "$OUTPUT_FILE"
      for file in key token db runs runs/*/logs executor; do ls "${sandbox.stateDir}/$file" 2>&1; done | grep -v denied && exit 9
      cat "${sandbox.stateDir}/key" && exit 8
      exit 0
`,
    );
    assert.equal(ended.status, 'success', log + JSON.stringify(ended));
    assert.match(log, /runnertask runnertask games runnertask runnertask caps CapEff:\\t0000000000000000/);
    for (const word of ['loud', 'hello']) assert.ok(log.includes(word), log);
  },
);

test('links that tasks plant lead the daemon nowhere with files that it puts in place', OPTIONS, async (t) => {
  const sandbox = sandboxFor(t);
  const guarded = join(sandbox.folder, 'guarded');
  mkdirSync(guarded, { mode: 0o755 });
  writeFileSync(join(guarded, 'note'), 'precious');
  const { ended } = await outcome(
    sandbox,
    `taskGroup:
  - { name: plant, run: "ln -s ${guarded} stolen" }
  - name: a
    depends_on: plant
    working_dir: stolen
    files: [{ path: planted, text: x }, { path: sub/planted, text: x }]
    run: exit 0
  - name: swaps
    depends_on: plant
    files: [{ path: swapped/note, text: x }]
    run: mv swapped gone; ln -s ${guarded} swapped
  - name: again
    depends_on: plant
    files: [{ path: new/planted, text: x }]
    retry: { attempts: 2, delay: 10ms }
    run: rm -r new; ln -s ${guarded} new; exit 1
`,
  );
  const { a, swaps, again } = ended.results;
  assert.equal(a.message, 'the file "planted" cannot be put in place: the user of tasks may not write there');
  assert.equal(swaps.status, 'success');
  assert.match(swaps.notes[0], /swapped\/note" was not removed: the user of tasks could not remove it$/);
  assert.match(again.message, /leads through something that is not a folder/);
  assert.deepEqual([readdirSync(guarded), readFileSync(join(guarded, 'note'), 'utf8')], [['note'], 'precious']);
});

test('a source that its user could not read, or not get at, is not copied for a task', OPTIONS, async (t) => {
  const sandbox = sandboxFor(t);
  const place = (folder: string, folderMode: number, fileMode: number): string => {
    const path = join(sandbox.folder, folder);
    mkdirSync(path);
    writeFileSync(join(path, 'text'), folder);
    chmodSync(join(path, 'text'), fileMode);
    chmodSync(path, folderMode);
    return join(path, 'text');
  };
  const links = {
    open: place('open', 0o755, 0o644),
    unreadable: place('unreadable', 0o755, 0o600),
    hidden: place('hidden', 0o700, 0o644),
  };
  mkdirSync(join(sandbox.folder, 'hidden/all'));
  chmodSync(join(sandbox.folder, 'hidden/all'), 0o777);
  const plant = Object.entries(links).map(([name, path]) => `ln -s ${path} ${name}`);
  const copies = Object.keys(links).map(
    (name) => `
  - { name: ${name}, depends_on: plant, files: [{ path: copy-${name}, source: ${name} }], run: grep -qx ${name} copy-${name} }`,
  );
  const { ended } = await outcome(
    sandbox,
    `taskGroup:
  - { name: plant, run: ${plant.join('; ')}; ln -s ${sandbox.folder}/hidden/all all }${copies.join('')}
  - { name: into, depends_on: plant, working_dir: all, files: [{ path: x, text: x }], run: "true" }
`,
  );
  const refusal = (name: string) =>
    `the file "copy-${name}" cannot be put in place: the user of tasks may not read its source`;
  assert.equal(ended.results.open.status, 'success');
  for (const name of ['unreadable', 'hidden']) assert.equal(ended.results[name].message, refusal(name));
  const entered = 'the file "x" cannot be put in place: the user of tasks may not enter the working folder';
  assert.equal(ended.results.into.message, entered);
});

test('nobody but its user gets into the folders that are meant for tasks', OPTIONS, async (t) => {
  const sandbox = sandboxFor(t);
  const { run, daemon } = await outcome(sandbox, 'taskGroup: [{ name: a, run: "echo x > f" }]\n');
  const runs = join(sandbox.stateDir, 'runs');
  const modes = [sandbox.stateDir, runs, join(runs, run), join(runs, run, 'workspace'), join(runs, run, 'logs')];
  assert.deepEqual(
    modes.map((path) => (statSync(path).mode & 0o777).toString(8)),
    ['711', '710', '710', '700', '700'],
  );
  const { body } = await daemon.ask('GET', '/api/v1/doctor');
  const named = (name: string) => body.find((one: { name: string }) => one.name === name).level;
  assert.deepEqual([named('state-folder'), named('task-user')], ['ok', 'ok']);
  await daemon.ask('POST', '/api/v1/prune', {});
  assert.deepEqual(readdirSync(join(runs, run, 'workspace')), ['f']);
});

test('a container is that user too, so that tasks inside and outside can go on with what the other made', {
  ...OPTIONS,
  skip: OPTIONS.skip || (await dockerSkip()),
}, async (t) => {
  const { ended, log } = await outcome(
    sandboxFor(t),
    `taskGroup:
  - { name: before, run: "echo outside > made; chmod 600 made" }
  - name: a
    depends_on: before
    image: ${TEST_IMAGE}
    exports: [{ name: uid }]
    run: |
      cat made; echo inside >> made; touch "$HOME/x"; echo "uid=$(id -u)" >> "$OUTPUT_FILE"
  - name: after
    imports: [{ from: a, variable: uid }]
    run: test "{{ a.uid }}" = "$(id -u)" && echo again >> made
`,
  );
  assert.equal(ended.status, 'success', log + JSON.stringify(ended));
});

test('a task of another user that ignores TERM and leaves a process behind is ended with it', OPTIONS, async (t) => {
  const sandbox = sandboxFor(t);
  sandbox.write(
    'job',
    'taskGroup: [{ name: a, run: "trap \'\' TERM; setsid sleep 1000 & echo $$ >> $LEDGER; sleep 1000" }]\n',
  );
  const daemon = await sandbox.start([], { ...AS_TASKS, RUNNER_GRACE: '0s' });
  const run = await daemon.run('job', { env: { LEDGER: sandbox.ledger } });
  while (sandbox.ledgerLines().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await daemon.ask('POST', `/api/v1/runs/${run}/cancel`);
  assert.equal((await daemon.wait(run)).status, 'cancelled');
  const left = processesOf(run);
  assert.deepEqual(left, []);
});

const WITH_PERL = {
  ...OPTIONS,
  skip: OPTIONS.skip || (spawnSync('perl', ['-v']).error !== undefined && 'perl is needed'),
};

/** Forks for ever, as often as it may, each process in a session of its own. */
const BOMB = `perl -MPOSIX -e '$SIG{TERM} = $SIG{CHLD} = "IGNORE"; for (;;) { my $pid = fork; setsid if defined $pid && !$pid }'`;

test('a fork bomb within its limit is ended whole, and what comes after it runs', WITH_PERL, async (t) => {
  const sandbox = sandboxFor(t);
  sandbox.write('bomb', `taskGroup:\n  - name: a\n    timeout: 1s\n    run: |\n      ulimit -u 60\n      ${BOMB}\n`);
  sandbox.write('job', "taskGroup: [{ name: a, run: 'true' }]\n");
  const daemon = await sandbox.start([], { ...AS_TASKS, RUNNER_GRACE: '200ms' });
  const run = await daemon.run('bomb');
  await daemon.said('run started');
  assert.equal((await daemon.ask('GET', '/healthz')).status, 200);
  const { results } = await daemon.wait(run);
  assert.deepEqual([results.a.status, results.a.reason], ['failed', 'timed_out']);
  assert.deepEqual(processesOf(run), []);
  assert.equal((await daemon.wait(await daemon.run('job'))).status, 'success');
});

test('a command that is not there is told as for any task', OPTIONS, async (t) => {
  const { ended } = await outcome(
    sandboxFor(t),
    'taskGroup: [{ name: a, type: os_exec, spec: { command: [no-such-program] } }]\n',
  );
  assert.equal(ended.tasks[0].reason, 'not_found', JSON.stringify(ended));
});

test('a user that does not exist keeps the daemon from starting', OPTIONS, async (t) => {
  const daemon = sandboxFor(t).launch([], { RUNNER_OS_EXEC_USER: 'no-such-user' });
  assert.equal((await daemon.ended).code, 2);
  assert.match(daemon.stderr, /os_exec\.user: there is no user "no-such-user"/);
});
