/** What may happen to the folder of workflows below a daemon that runs. Each kind of change by itself: `test/catalog`. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';

const OPTIONS = { timeout: 120_000 };

/** A workflow that tells which it is. */
function saying(word: string, more = ''): string {
  return `on: { interval: [{ every: 1s, overlap: allow }] }\ndescription: ${word}\ntaskGroup:\n  - { name: a, run: echo ${word}${more} }\n`;
}

async function workflow(daemon: RunningDaemon, id: string): Promise<Answer['body']> {
  return (await daemon.ask('GET', `/api/v1/workflows/${id}`)).body;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

const shows = (daemon: RunningDaemon, word: string) => () =>
  workflow(daemon, 'a').then(({ description, state }) => description === word && state === 'armed');

const isWell = (daemon: RunningDaemon, well: boolean) => () =>
  daemon.ask('GET', '/healthz').then(({ status }) => (status === 200) === well);

test(
  'a folder that is gone changes nothing but the health, and one that comes back, or another, counts',
  OPTIONS,
  async (t) => {
    const sandbox = new DaemonSandbox(t);
    const { workflows } = sandbox;
    sandbox.write('a', saying('one'));
    sandbox.write('long', `taskGroup: [{ name: a, run: 'until [ -e ${sandbox.folder}/go ]; do sleep 0.02; done' }]\n`);
    const daemon = await sandbox.start();
    const long = await daemon.run('long');
    renameSync(workflows, `${workflows}-away`);
    await until(isWell(daemon, false));
    assert.match((await daemon.ask('GET', '/healthz')).body.problems.join(), /does not exist/);
    const seen = daemon.lines.length;
    await daemon.said('run ended', (line) => line.workflow === 'a' && daemon.lines.indexOf(line) >= seen);
    assert.equal((await daemon.wait(await daemon.run('a'))).status, 'success');

    mkdirSync(`${workflows}-new`);
    writeFileSync(join(`${workflows}-new`, 'a.yml'), saying('two'));
    renameSync(`${workflows}-new`, workflows);
    await until(shows(daemon, 'two'));
    await until(isWell(daemon, true));
    assert.equal((await daemon.ask('GET', '/api/v1/workflows/long')).status, 404);
    sandbox.touch('go');
    assert.equal((await daemon.wait(long)).status, 'success');

    rmSync(workflows, { recursive: true });
    symlinkSync(`${workflows}-away`, workflows);
    await until(shows(daemon, 'one'));
    assert.equal((await daemon.wait(await daemon.run('long'))).status, 'success');
    assert.equal(daemon.stderr, '');
  },
);

test('the data link of a ConfigMap moves, and the next run is of the new version', OPTIONS, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const at = (name: string) => join(sandbox.workflows, name);
  for (const word of ['one', 'two']) {
    mkdirSync(at(`..${word}`));
    writeFileSync(at(`..${word}/a.yml`), saying(word));
  }
  symlinkSync('..one', at('..data'));
  symlinkSync('..data/a.yml', at('a.yml'));
  const daemon = await sandbox.start();
  assert.equal((await workflow(daemon, 'a')).description, 'one');
  symlinkSync('..two', at('..data_tmp'));
  renameSync(at('..data_tmp'), at('..data'));
  await until(shows(daemon, 'two'));
  const run = await daemon.run('a');
  await daemon.wait(run);
  assert.equal((await daemon.ask('GET', `/api/v1/runs/${run}/tasks/a/log?offset=0`)).body, 'two\n');
});

test('what is no file, and what is not whole yet, holds up nobody and is never run', OPTIONS, async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('a', saying('one'));
  const daemon = await sandbox.start();
  const at = (name: string) => join(sandbox.workflows, name);
  execFileSync('mkfifo', [at('pipe.yml')]);
  const socket = createServer().listen(at('socket.yml'));
  t.after(() => socket.close());
  mkdirSync(at('folder.yml'));
  symlinkSync('loop.yml', at('loop.yml'));
  symlinkSync('.', at('self'));
  symlinkSync('nowhere', at('dangling.yml'));
  writeFileSync(at('empty.yml'), '');
  const odd = ['pipe', 'socket', 'folder', 'loop', 'dangling', 'empty'];
  await until(async () => {
    const { body } = await daemon.ask('GET', '/api/v1/workflows');
    const states = new Map(body.workflows.map(({ id, state }: Answer['body']) => [id, state]));
    return odd.every((id) => states.get(id) === 'invalid') && states.get('a') === 'armed' && states.size === 7;
  });
  for (const id of odd) await assert.rejects(daemon.run(id), /409/);

  // Only whole it is a workflow.
  const whole = saying('two', ' && echo whole');
  writeFileSync(at('a.yml'), '');
  for (const line of whole.split(/(?<=\n)/)) {
    appendFileSync(at('a.yml'), line);
    await pause(30);
  }
  await until(shows(daemon, 'two'));
  const seen = daemon.lines.length;
  await daemon.said('run ended', (line) => line.workflow === 'a' && daemon.lines.indexOf(line) >= seen);
  const { body } = await daemon.ask('GET', '/api/v1/runs?workflow=a&limit=1000');
  const logs = await Promise.all(
    body.runs.map((run: Answer['body']) => daemon.ask('GET', `/api/v1/runs/${run.id}/tasks/a/log?offset=0`)),
  );
  for (const { body: log } of logs) assert.ok(['one\n', 'two\nwhole\n', ''].includes(log), log);
  assert.equal(daemon.stderr, '');
});
