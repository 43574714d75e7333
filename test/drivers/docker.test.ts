import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createDockerDriver } from '../../src/drivers/docker/driver.ts';
import { EngineClient, EngineError } from '../../src/drivers/docker/engine-client.ts';
import { BreakableSocket } from '../support/breakable-socket.ts';
import {
  DOCKER_SOCKET,
  dockerJob,
  dockerPlace,
  dockerSkip,
  engine,
  removeContainers,
  TEST_IMAGE,
} from '../support/docker.ts';
import { bounds, DockerRig, IMPATIENT } from '../support/docker-rig.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { WatchedIO } from '../support/watched-io.ts';

const skip = await dockerSkip();
const NOT_ROOT = process.getuid?.() === 0 ? false : 'only root can give files to another user';

test('hostile values of variables arrive exactly', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const hostile = {
    A: '-e B=c',
    NEWLINE: 'a\nb=c\n',
    QUOTES: `"'\`$(touch x)\\`,
    EQUALS: '=x=',
    EMPTY: '',
    WIDE: '🙂é',
  };
  const job = rig.job(['env', '-0']);
  await rig.run({ ...job, env: { ...job.env, ...hostile } });
  const seen = new Map(
    rig.io.stdout.split('\0').map((entry) => [entry.split('=')[0], entry.slice(entry.indexOf('=') + 1)]),
  );
  for (const [name, value] of Object.entries(hostile)) assert.equal(seen.get(name), value, name);
});

test('what is only this machine is not in the environment', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job(['env']);
  await rig.run({ ...job, env: { ...job.env, LANG: 'C', TMPDIR: '/nowhere' }, inherited: ['LANG', 'TMPDIR'] });
  assert.doesNotMatch(rig.io.stdout, /LANG=|TMPDIR=/);
});

test('a container is confined, limited and marked unless its task says otherwise', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job('echo ready; sleep 1000');
  const run = rig.run(job);
  await rig.io.printed('ready');
  const { HostConfig, Config } = await rig.inspect(job);
  assert.deepEqual(
    {
      privileged: HostConfig.Privileged,
      dropped: HostConfig.CapDrop,
      security: HostConfig.SecurityOpt,
      pids: HostConfig.PidsLimit,
      init: HostConfig.Init,
      removesItself: HostConfig.AutoRemove,
      sockets: HostConfig.Mounts.filter(({ Source }: { Source: string }) => Source.endsWith('.sock')),
      user: Config.User,
      labels: Config.Labels,
    },
    {
      privileged: false,
      dropped: ['ALL'],
      security: ['no-new-privileges'],
      pids: 512,
      init: true,
      removesItself: false,
      sockets: [],
      user: `${process.getuid?.()}:${process.getgid?.()}`,
      labels: {
        runner: rig.place.owner.instance,
        'runner.run': job.runId,
        'runner.task': 'task',
        'runner.attempt': '1',
      },
    },
  );
  rig.io.end(0);
  await run;
});

test('bounds are kept', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const resources = { cpu: 0.5, memoryBytes: 64 << 20, pids: 20, shmBytes: 1 << 20, nofile: 99 };
  const job = rig.job('ulimit -n; df -k /dev/shm | tail -1; echo ready; sleep 1000', { resources: bounds(resources) });
  const run = rig.run(job);
  await rig.io.printed('ready');
  const { HostConfig } = await rig.inspect(job);
  assert.deepEqual([HostConfig.NanoCpus, HostConfig.Memory, HostConfig.PidsLimit], [5e8, 64 << 20, 20]);
  assert.match(rig.io.stdout, /^99\nshm +1024 /);
  rig.io.end(0);
  await run;
});

test('who needs more memory than allowed ends as oom_killed, and is told so', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const exit = await rig.run(rig.job('tail /dev/zero', { resources: bounds({ memoryBytes: 16 << 20 }) }));
  assert.deepEqual(exit, {
    kind: 'failed',
    reason: 'oom_killed',
    message: 'ended because it needed more than its memory of 16MiB; see `resources.memory`',
  });
});

test('who starts more processes than allowed cannot', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const exit = await rig.run(
    rig.job('for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1000 & done; echo all', { resources: bounds({ pids: 5 }) }),
  );
  assert.equal(exit.kind, 'exited');
  assert.match(rig.io.stderr, /fork/);
});

test('a disk that cannot be bounded is told before the start and after the end, and is no failure', {
  skip,
}, async (t) => {
  const rig = new DockerRig(t);
  const exit = await rig.run(rig.job('echo ran', { resources: bounds({ diskBytes: 1 << 30 }) }));
  const remark =
    'the disk is not bounded: this engine cannot do that (it takes overlay2 on xfs with pquota, btrfs or zfs)';
  assert.deepEqual(exit, { kind: 'exited', code: 0, notes: [remark] });
  assert.deepEqual(rig.io.phases, ['provisioning', `provisioning ${remark}`, 'deprovisioning']);
  assert.equal(rig.io.stdout, 'ran\n');
});

test('outputs written inside are there outside, also under the seed name', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job('echo a=1 >> "$OUTPUT_FILE"; echo b=2 >> "${OUTPUT_FILE}_task"');
  await rig.run(job);
  assert.equal(readFileSync(job.outputFile, 'utf8'), 'a=1\n');
  assert.equal(readFileSync(`${job.outputFile}_task`, 'utf8'), 'b=2\n');
});

test('another user can write outputs too', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const outputFile = join(temporaryFolder(t), 'output');
  const job = rig.job('echo a=1 >> "$OUTPUT_FILE"', { spec: { user: '1000:1000' }, outputFile, workingDir: '/' });
  const exit = await rig.run(job);
  assert.deepEqual(exit, { kind: 'exited', code: 0 });
  assert.equal(readFileSync(job.outputFile, 'utf8'), 'a=1\n');
});

test('the home folder can be written, and goes with the task', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job('touch "$HOME/kept" && ls -A "$HOME"');
  await rig.run(job);
  assert.equal(rig.io.stdout, 'kept\n');
  assert.equal(existsSync(join(job.scratch, 'home')), false);
});

test('files are in place before the start and gone after it', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const bytes = Buffer.from('text\n');
  const files = [{ path: 'conf/app', mode: 0o640, content: { kind: 'bytes', bytes } }] as const;
  await rig.run(rig.job('cat conf/app; stat -c %a conf/app', { files }));
  assert.equal(rig.io.stdout, 'text\n640\n');
  assert.equal(existsSync(join(rig.folder, 'conf')), false);
});

test('a working folder that is missing is told, and not made', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const exit = await rig.run(rig.job('true', { workingDir: 'missing' }));
  assert.equal(exit.kind === 'failed' && exit.reason, 'bad_working_dir');
  assert.equal(existsSync(join(rig.folder, 'missing')), false);
});

test('a list of arguments goes to the entrypoint, a script to a shell behind it', { skip }, async (t) => {
  const rig = new DockerRig(t);
  await rig.run(rig.job(['one'], { spec: { entrypoint: ['echo', 'first'] } }));
  await rig.run(rig.job('echo "$X"', { spec: { entrypoint: ['env', 'X=script'] } }));
  assert.equal(rig.io.stdout, 'first one\nscript\n');
});

test('an allowed volume is mounted, read-only if wanted', { skip }, async (t) => {
  const rig = new DockerRig(t, { volumes: ['/'] });
  const shared = temporaryFolder(t);
  writeFileSync(join(shared, 'there'), 'x');
  const volume = { source: shared, target: '/given', read_only: true };
  const exit = await rig.run(rig.job('ls /given; touch /given/new', { spec: { volumes: [volume] } }));
  assert.equal(rig.io.stdout, 'there\n');
  assert.deepEqual([exit.kind, readdirSync(shared)], ['exited', ['there']]);
});

for (const [what, source, allowed, message] of [
  ['that no folder of the config holds', '/etc', ['/srv'], /docker\.volumes/],
  ['that only begins like an allowed one', '/etc', ['/et'], /docker\.volumes/],
  ['that is missing', '/no/such/folder', ['/'], /is not there/],
  ['with the socket of Docker', DOCKER_SOCKET, ['/'], /docker\.allow_socket/],
  ['that is the whole machine', '/', ['/'], /socket|state/],
] as const) {
  test(`a volume ${what} is refused`, { skip }, async (t) => {
    const rig = new DockerRig(t, { volumes: allowed });
    const exit = await rig.run(rig.job('true', { spec: { volumes: [{ source }] } }));
    assert.equal(exit.kind === 'failed' && exit.reason, 'provisioning_failed');
    assert.match(exit.kind === 'failed' ? exit.message : '', message);
  });
}

test('a volume that goes between the making of a container and its start is named', { skip }, async (t) => {
  const rig = new DockerRig(t, { volumes: ['/'] });
  const source = join(temporaryFolder(t), 'fleeting');
  mkdirSync(source);
  rig.io.started = async () => rmSync(source, { recursive: true });
  const exit = await rig.run(rig.job('true', { spec: { volumes: [{ source }] } }));
  assert.equal(exit.kind === 'failed' && exit.reason, 'provisioning_failed');
  assert.match(
    exit.kind === 'failed' ? exit.message : '',
    /^the container did not start: .*does not exist: .*fleeting$/,
  );
  assert.equal(existsSync(source), false);
});

test('a link does not lead a volume out of what is allowed', { skip }, async (t) => {
  const shared = temporaryFolder(t);
  const rig = new DockerRig(t, { volumes: [shared] });
  symlinkSync('/etc', join(shared, 'innocent'));
  const exit = await rig.run(rig.job('true', { spec: { volumes: [{ source: join(shared, 'innocent') }] } }));
  assert.match(exit.kind === 'failed' ? exit.message : '', /docker\.volumes/);
});

test('privileges and shared networks need the config', { skip }, async (t) => {
  const rig = new DockerRig(t);
  for (const spec of [{ privileged: true }, { network: 'host' }, { network: 'container:x' }]) {
    const exit = await rig.run(rig.job('true', { spec }));
    assert.match(exit.kind === 'failed' ? exit.message : '', /docker\.allow_privileged/, JSON.stringify(spec));
  }
  const open = new DockerRig(t, { allowPrivileged: true });
  assert.deepEqual(await open.run(open.job('true', { spec: { network: 'host' } })), { kind: 'exited', code: 0 });
});

test('privileges, and the socket of the engine, are given when the config allows them', { skip }, async (t) => {
  const rig = new DockerRig(t, { allowPrivileged: true, allowSocket: true, volumes: [dirname(DOCKER_SOCKET)] });
  const volumes = [{ source: DOCKER_SOCKET, target: '/engine.sock' }];
  await rig.run(rig.job('test -S /engine.sock && echo there', { spec: { volumes } }));
  assert.equal(rig.io.stdout, 'there\n');
  const job = rig.job('true', { spec: { privileged: true } });
  const io = new WatchedIO();
  let isPrivileged = null;
  // Not every machine has all the privileges to give, so what counts is what was asked for.
  io.started = async () => {
    isPrivileged = (await rig.inspect(job)).HostConfig.Privileged;
  };
  await rig.run(job, io);
  assert.equal(isPrivileged, true);
});

test('a task is the user that tasks are, and no other without leave', { skip: skip || NOT_ROOT }, async (t) => {
  const rig = new DockerRig(t, { taskUser: { uid: 1234, gid: 2345 } });
  chownSync(rig.folder, 1234, 2345);
  const files = [{ path: 'note', mode: 0o600, content: { kind: 'bytes', bytes: Buffer.from('read\n') } }] as const;
  const job = rig.job('cat note; touch mine "$HOME/kept"; echo a=1 >> "$OUTPUT_FILE"; id -u; id -g', { files });
  assert.deepEqual(await rig.run(job), { kind: 'exited', code: 0 });
  assert.equal(rig.io.stdout, 'read\n1234\n2345\n');
  const { uid, gid } = statSync(join(rig.folder, 'mine'));
  assert.deepEqual([uid, gid, readFileSync(job.outputFile, 'utf8')], [1234, 2345, 'a=1\n']);
  const other = await rig.run(rig.job('true', { spec: { user: 'root' } }));
  assert.match(other.kind === 'failed' ? other.message : '', /os_exec\.user.*docker\.allow_privileged/);
});

test('a link in place of the output file leads nowhere', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const victim = join(temporaryFolder(t), 'victim');
  writeFileSync(victim, 'whole\n', { mode: 0o600 });
  const job = rig.job('echo a=1 >> "$OUTPUT_FILE"', { spec: { user: '0' } });
  symlinkSync(victim, job.outputFile);
  await rig.run(job);
  assert.deepEqual([readFileSync(victim, 'utf8'), statSync(victim).mode & 0o777], ['whole\n', 0o600]);
  assert.equal(readFileSync(job.outputFile, 'utf8'), 'a=1\n');
});

test('an entrypoint that is not there is exit code 127, with a line that says so', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const exit = await rig.run(rig.job(['x'], { spec: { entrypoint: ['/no/such/program'] } }));
  assert.deepEqual(exit, { kind: 'exited', code: 127 });
  assert.match(rig.io.stderr, /\/no\/such\/program/);
});

test('an engine that is not there is said in words, with what to do', async (t) => {
  const folder = temporaryFolder(t);
  const client = new EngineClient(join(folder, 'none.sock'));
  const driver = createDockerDriver(dockerPlace({ engine: client, clock: IMPATIENT }));
  mkdirSync(join(folder, 'work'));
  const exit = await driver.run(dockerJob(join(folder, 'work'), 'true'), new WatchedIO());
  assert.match(
    exit.kind === 'failed' ? exit.message : '',
    /there is no socket .*none\.sock; is Docker installed.*tried 3 times/,
  );
});

test('a container of this very attempt that is there already is taken, not made again', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job('echo ran');
  const io = new WatchedIO();
  io.started = () => Promise.reject(new Error('stop here'));
  await assert.rejects(rig.run(job, io));
  const body = { Image: TEST_IMAGE, Cmd: ['echo', 'the one before'], Labels: rig.labels(job) };
  await engine.call('POST', '/containers/create', { query: { name: rig.nameOf(job) }, body });
  await rig.run(job);
  assert.equal(rig.io.stdout, 'the one before\n');
});

test('a name that somebody else has taken is said, and that container is left alone', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job('true');
  const body = { Image: TEST_IMAGE, Cmd: ['true'], Labels: { 'runner.run': job.runId } };
  const made = await engine.call('POST', '/containers/create', { query: { name: rig.nameOf(job) }, body });
  t.after(() => removeContainers(`runner.run=${job.runId}`));
  const exit = await rig.run(job);
  assert.match(exit.kind === 'failed' ? exit.message : '', /is taken by a container that is not this task's/);
  await engine.call('GET', `/containers/${(made as { Id: string }).Id}/json`);
});

test('a container that somebody removes makes its task lost', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job('echo ready; sleep 1000');
  const run = rig.run(job);
  await rig.io.printed('ready');
  await removeContainers(`runner.run=${job.runId}`);
  const exit = await run;
  assert.equal(exit.kind === 'failed' && exit.reason, 'lost');
});

test('a container that somebody restarts has ended with its first end, and is taken away', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job("trap 'exit 5' TERM; echo ready; sleep 1000 & wait");
  const run = rig.run(job);
  await rig.io.printed('ready');
  await engine.call('POST', `/containers/${rig.nameOf(job)}/restart`, { query: { t: '60' } }).catch((error) => {
    // It may be taken away before it was begun again.
    if (!(error instanceof EngineError)) throw error;
  });
  assert.deepEqual(await run, { kind: 'exited', code: 5 });
});

test('that somebody has paused a container is told, and that it goes on', { skip }, async (t) => {
  const rig = new DockerRig(t, {}, { clock: IMPATIENT });
  const job = rig.job('echo ready; while ! test -e go; do sleep 0.01; done');
  const run = rig.run(job);
  await rig.io.printed('ready');
  await engine.call('POST', `/containers/${rig.nameOf(job)}/pause`);
  await rig.io.entered(/^running somebody has paused the container; it goes on with: docker unpause [0-9a-f]{12}$/);
  await engine.call('POST', `/containers/${rig.nameOf(job)}/unpause`);
  await rig.io.entered(/^running$/);
  writeFileSync(join(rig.folder, 'go'), '');
  assert.deepEqual(await run, { kind: 'exited', code: 0 });
});

test('a paused container can be asked to end', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const job = rig.job("trap 'exit 3' TERM; echo ready; sleep 1000 & wait");
  const run = rig.run(job);
  await rig.io.printed('ready');
  await engine.call('POST', `/containers/${rig.nameOf(job)}/pause`);
  rig.io.end(600_000);
  assert.deepEqual(await run, { kind: 'exited', code: 3 });
});

test('a first process that does not handle TERM ends at once all the same', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const run = rig.run(rig.job(['sh', '-c', 'echo ready; sleep 1000']));
  await rig.io.printed('ready');
  rig.io.end(600_000);
  assert.deepEqual(await run, { kind: 'signaled', signal: 'SIGTERM' });
});

test('a connection that breaks costs no byte and no exit code', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'engine.sock');
  const way = await BreakableSocket.listen(path, DOCKER_SOCKET);
  t.after(() => way.close());
  const rig = new DockerRig(t, {}, { engine: new EngineClient(path) });
  const run = rig.run(rig.job('seq 1000; echo ready; while ! test -e go; do sleep 0.01; done; seq 1000; exit 9'));
  await rig.io.printed('ready');
  way.cut();
  writeFileSync(join(rig.folder, 'go'), '');
  assert.deepEqual(await run, { kind: 'exited', code: 9 });
  const numbers = Array.from({ length: 1000 }, (_, index) => `${index + 1}\n`).join('');
  assert.equal(rig.io.stdout, `${numbers}ready\n${numbers}`);
  assert.equal(rig.io.handles.length, 1);
});
