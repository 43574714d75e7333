import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { processHandle, readBootId } from '../../src/executor/process-table.ts';
import { VERSION } from '../../src/executor/protocol.ts';
import type { Exit } from '../../src/model/run.ts';
import { LevelStore } from '../../src/store/level-store.ts';
import { ExecutorRig } from '../support/executor-rig.ts';
import { until } from '../support/until.ts';

const HANG = "trap '' TERM; setsid sleep 1000 & echo ready; while :; do sleep 1; done";

test('a task goes on when its client is killed, and another attends it to its true end', async (t) => {
  const rig = new ExecutorRig(t);
  const script =
    'for i in $(seq 2000); do echo line $i; done; while ! [ -e go ]; do sleep 0.01; done; seq 2000; exit 7';
  const handle = await rig.abandon('a', script);
  const client = await rig.connect();
  const io = rig.io('a');
  const attended = client.attend(rig.mark('a'), handle, io);
  await until(() => io.handles.length === 1);
  mkdirSync(rig.path('go'));
  assert.deepEqual([await attended, io.handles], [{ kind: 'exited', code: 7 }, [handle]]);
  const lines = Array.from({ length: 2000 }, (_, index) => index + 1);
  assert.equal(rig.log('a'), [...lines.map((line) => `line ${line}\n`), ...lines.map((line) => `${line}\n`)].join(''));
  assert.equal(rig.executors().length, 1);
});

test('a task that is attended can be ended, with its grace and in a hurry', async (t) => {
  const rig = new ExecutorRig(t);
  const handle = await rig.abandon('a', "trap 'echo asked' TERM; echo ready; while :; do sleep 0.01 || true; done");
  const client = await rig.connect();
  const io = rig.io('a');
  const attended = client.attend(rig.mark('a'), handle, io);
  await rig.printed('a', 'ready');
  io.end(600_000);
  await rig.printed('a', 'asked');
  io.hurry();
  assert.deepEqual([await attended, rig.strays('a')], [{ kind: 'signaled', signal: 'SIGKILL' }, []]);
});

test('tasks of an executor that is killed are lost once nothing of them is left, and the next one runs', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const runs = ['a', 'b'].map((name) => client.run(rig.task(name, HANG), rig.io(name)));
  await rig.printed('a', 'ready');
  await rig.printed('b', 'ready');
  await rig.killExecutors();
  for (const exit of await Promise.all(runs)) {
    assert.match(
      lost(exit),
      /^it ran as process \d+, and the executor .* is gone; what was left of it has been killed$/,
    );
  }
  assert.deepEqual([rig.strays('a'), rig.strays('b')], [[], []]);
  assert.match(rig.problems.join(), /the line to the executor \(pid \d+\) was cut/);
  assert.deepEqual(await client.run(rig.task('c', 'exit 3'), rig.io('c')), { kind: 'exited', code: 3 });
});

test('a wish to end a task is not lost with its executor', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const io = rig.io('a');
  const run = client.run(rig.task('a', HANG), io);
  await rig.printed('a', 'ready');
  io.end(600_000);
  await rig.killExecutors();
  assert.equal(lost(await run).length > 0, true);
  assert.deepEqual(rig.strays('a'), []);
});

test('ends are known after the death of client and executor, until they are forgotten', async (t) => {
  const rig = new ExecutorRig(t);
  const first = await rig.connect();
  for (const [name, code] of Object.entries({ a: 7, b: 8, c: 9 })) {
    await first.run(rig.task(name, `exit ${code}`), rig.io(name, { runId: name }));
  }
  first.close();
  await rig.killExecutors();
  const second = await rig.connect();
  const ends = await Promise.all(['a', 'b', 'c'].map((name) => second.attend(rig.mark(name), null, rig.io(name))));
  assert.deepEqual(
    ends,
    [7, 8, 9].map((code) => ({ kind: 'exited', code })),
  );
  second.forget(rig.mark('a'));
  second.releaseRun('b');
  await second.list();
  second.close();
  await rig.killExecutors();
  const third = await rig.connect();
  const later = await Promise.all(['a', 'b', 'c'].map((name) => third.attend(rig.mark(name), null, rig.io(name))));
  assert.deepEqual(
    later.map((exit) => exit.kind),
    ['failed', 'failed', 'exited'],
  );
});

test('a task of which nothing is known is lost', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const exit = await client.attend(rig.mark('a'), null, rig.io('a'));
  assert.equal(
    lost(exit),
    'it may have begun, but its start was not recorded and nobody saw its end; nothing of it was left',
  );
  const handle = { kind: 'process', pid: 1, startTime: '1', bootId: 'another' } as const;
  assert.match(
    lost(await client.attend(rig.mark('b'), handle, rig.io('b'))),
    /^the machine was restarted while it ran/,
  );
});

test('what a lost task left is found by its handle too, and a stranger with its number is left alone', async (t) => {
  const rig = new ExecutorRig(t);
  await rig.abandon('a', 'echo pid $$; exec env -i sleep 1000');
  await until(() => rig.strays('a').length === 0 && rig.log('a') !== '');
  const pid = Number(rig.log('a').replace('pid ', ''));
  const handle = processHandle(pid, readBootId());
  await rig.killExecutors();
  const client = await rig.connect();
  assert.ok(handle.kind === 'process');
  await client.attend(rig.mark('stranger'), { ...handle, startTime: '1' }, rig.io('stranger'));
  assert.equal(existsSync(`/proc/${pid}`), true);
  assert.match(lost(await client.attend(rig.mark('a'), handle, rig.io('a'))), /has been killed$/);
  await until(() => !existsSync(`/proc/${pid}`));
});

test('the end of a task does not wait for the record of its start', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const io = rig.io('a');
  io.started = () => new Promise<void>(() => {});
  assert.deepEqual(await client.run(rig.task('a', 'exit 3'), io), { kind: 'exited', code: 3 });
});

test('no mark is started twice', async (t) => {
  const rig = new ExecutorRig(t);
  const [first, second] = [await rig.connect(), await rig.connect()];
  await first.run(rig.task('a', 'echo once'), rig.io('a'));
  await assert.rejects(second.run(rig.task('a', 'echo twice'), rig.io('a')), /was started before/);
  assert.equal(rig.log('a'), 'once\n');
});

test('clients that come together share one executor, and one that leaves does not disturb the other', async (t) => {
  const rig = new ExecutorRig(t);
  const clients = await Promise.all([rig.connect(), rig.connect(), rig.connect()]);
  assert.equal(rig.executors().length, 1);
  const run = clients[0].run(rig.task('a', 'echo ready; while ! [ -e go ]; do sleep 0.01; done'), rig.io('a'));
  await rig.printed('a', 'ready');
  clients[1].close();
  assert.deepEqual(
    (await clients[2].list()).map(({ mark }) => mark),
    [rig.mark('a')],
  );
  mkdirSync(rig.path('go'));
  assert.deepEqual(await run, { kind: 'exited', code: 0 });
});

test('a stop ends the tasks, and then the executor', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const run = client.run(rig.task('a', HANG), rig.io('a'));
  await rig.printed('a', 'ready');
  await client.stop(10);
  assert.deepEqual([await run, rig.strays('a')], [{ kind: 'signaled', signal: 'SIGKILL' }, []]);
  await until(() => rig.executors().length === 0);
  assert.deepEqual(rig.problems, []);
});

test('a task sees nothing of the program that asked for it, not even its database', async (t) => {
  const rig = new ExecutorRig(t);
  const store = await LevelStore.open(rig.path('db'));
  t.after(() => store.close());
  const client = await rig.connect();
  await client.run(
    rig.task('a', 'ls /proc/$$/fd; tr "\\0" "\\n" </proc/$PPID/environ; umask; pwd -P >where'),
    rig.io('a'),
  );
  assert.equal(rig.log('a'), `0\n1\n2\nPATH=${process.env.PATH}\n0027\n`);
  const [executor] = rig.executors();
  const open = readdirSync(`/proc/${executor}/fd`).map((name) => join(`/proc/${executor}/fd`, name));
  assert.equal(
    open.some((path) => existsSync(path) && statSync(path).ino === statSync(rig.path('db/LOCK')).ino),
    false,
  );
});

test('what it keeps is for this user only, however deep its folder is', async (t) => {
  const rig = new ExecutorRig(t, 'x'.repeat(120));
  const client = await rig.connect();
  await client.run(rig.task('a', 'echo hi'), rig.io('a'));
  const folder = join(rig.executorFolder, `v${VERSION}`);
  const modes = readdirSync(folder).map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
  assert.deepEqual(modes.sort(), ['ends 600', 'errors 600', 'fifos 700', 'socket.1 600']);
  assert.deepEqual(
    [rig.executorFolder, folder].map((path) => statSync(path).mode & 0o777),
    [0o700, 0o700],
  );
  assert.equal(statSync(rig.path('a.log')).mode & 0o777, 0o600);
});

test('an executor whose folder is taken away goes on with its tasks', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const run = client.run(rig.task('a', 'echo ready; while ! [ -e go ]; do sleep 0.01; done; echo on'), rig.io('a'));
  await rig.printed('a', 'ready');
  renameSync(rig.executorFolder, rig.path('away'));
  rmSync(rig.path('away'), { recursive: true });
  mkdirSync(rig.path('go'));
  assert.deepEqual(await run, { kind: 'exited', code: 0 });
  await client.run(rig.task('b', 'echo too'), rig.io('b'));
  assert.equal(rig.log('a') + rig.log('b'), 'ready\non\ntoo\n');
});

test('secrets never reach the log, not even those a task has just made', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const script =
    'echo key=made-up-just-now >> "$OUTPUT_FILE"; echo made-up-just-now handed-over; echo made-up-just-now >&2';
  await client.run(rig.task('a', script), rig.io('a', { secrets: ['handed-over'], confidential: ['key'] }));
  assert.equal(rig.log('a'), '*** ***\n***\n');
  await client.run(rig.task('b', 'echo made-up-just-now of another task'), rig.io('b'));
  assert.equal(rig.log('b'), '*** of another task\n');
  client.releaseRun('run');
  await client.run(rig.task('c', 'echo made-up-just-now'), rig.io('c'));
  assert.equal(rig.log('c'), 'made-up-just-now\n');
});

test('a task with a value that cannot be masked does not start, or is ended before it is shown', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const secrets = Array.from({ length: 200 }, (_, index) => `secret-${index}`);
  const tooMany = await client.run(rig.task('a', 'touch begun'), rig.io('a', { secrets: [...secrets, 'one-more'] }));
  assert.match(tooMany.kind === 'failed' ? `${tooMany.reason}: ${tooMany.message}` : '', /^bad_output: .* at most 200/);
  assert.equal(existsSync(rig.path('begun')), false);
  const script = 'echo key=one-more-made >> "$OUTPUT_FILE"; echo one-more-made; sleep 1000';
  const made = await client.run(rig.task('b', script), rig.io('b', { runId: 'b', secrets, confidential: ['key'] }));
  assert.equal(made.kind === 'failed' && made.reason, 'bad_output');
  assert.deepEqual([rig.log('b'), rig.strays('b')], ['', []]);
});

test('what a log could not hold is noted with the end', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const exit = await client.run(rig.task('a', 'seq 10000'), rig.io('a', { maxLogBytes: 1000 }));
  assert.match(exit.kind === 'exited' ? String(exit.notes) : '', /^log cut: \d+ bytes/);
});

test('a gigabyte of output leaves an executor small', async (t) => {
  const rig = new ExecutorRig(t);
  const client = await rig.connect();
  const script = 'yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 1000000000';
  await client.run(rig.task('a', script), rig.io('a', { maxLogBytes: 50_000_000, secrets: ['a-secret'] }));
  const [executor] = rig.executors();
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${executor}/status`, 'utf8'))?.[1]);
  assert.equal(statSync(rig.path('a.log')).size > 50_000_000, true);
  assert.ok(peak < 120_000, `${peak} kB`);
});

function lost(exit: Exit): string {
  assert.equal(exit.kind === 'failed' && exit.reason, 'lost', JSON.stringify(exit));
  return exit.kind === 'failed' ? exit.message : '';
}
