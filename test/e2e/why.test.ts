import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readKeyFile } from '../../src/store/key-file.ts';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import { Vault } from '../../src/util/vault.ts';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';

const SECRET = 'sixteen letters or more';
const HOLD = 'taskGroup: [{ name: hold, run: "until [ -e \\"$RUNNER_WORKSPACE/go\\" ]; do sleep 0.02; done" }]';
const FINE = 'taskGroup: [{ name: say, run: "echo hello" }]';
const WHEN = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;

async function rig(t: TestContext, workflows: Readonly<Record<string, string>>, env = {}) {
  const sandbox = new DaemonSandbox(t);
  sandbox.env.TZ = 'UTC';
  for (const [id, yaml] of Object.entries(workflows)) sandbox.write(id, yaml);
  const daemon = await sandbox.start([], { RUNNER_GITHUB_WEBHOOK_SECRET: SECRET, ...env });
  const says = async (workflow: string, sentence: string): Promise<void> => {
    const { stdout } = await sandbox.cli(['why', workflow]);
    assert.match(stdout, new RegExp(`^${WHEN} \\([^)]+\\): ${sentence}$`, 'm'));
  };
  return { sandbox, daemon, says };
}

async function deliver(daemon: RunningDaemon, payload: unknown, id = randomUUID()): Promise<number> {
  const body = JSON.stringify(payload);
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  const { status } = await fetch(`${daemon.address}/webhooks/github`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': id,
      'x-hub-signature-256': signature,
    },
  });
  return status;
}

function push(branch: string) {
  const commit = { id: 'b'.repeat(40), added: [], removed: [], modified: ['a'] };
  return {
    ref: `refs/heads/${branch}`,
    before: 'a'.repeat(40),
    after: 'b'.repeat(40),
    commits: [commit],
    head_commit: commit,
    repository: { full_name: 'acme/site' },
    sender: { login: 'ada' },
  };
}

test('why names the run that was fired, and the one in the way', async (t) => {
  const { daemon, says } = await rig(t, { tick: `on: { interval: [{ every: 1s }] }\n${HOLD}` });
  await daemon.said('firing skipped', ({ reason }) => reason === 'overlap');
  await says('tick', `interval, due ${WHEN}, started tick#1`);
  await says('tick', `interval, due ${WHEN}, started nothing: an earlier run is not over \\(tick#1\\) \\[overlap\\]`);
});

test('why tells of another workflow of the same group by name', async (t) => {
  const group = 'concurrency: { group: deploy, on_conflict: skip }\n';
  const { sandbox, daemon, says } = await rig(t, { 'ops/one': group + HOLD, 'ops/two': group + FINE });
  await daemon.run('ops/one');
  assert.equal((await sandbox.cli(['run', 'ops/two'])).code, 1);
  await says(
    'ops/two',
    'manual \\(cli\\) started nothing: concurrency group "deploy" has no room \\(ops/one#1\\) \\[overlap\\]',
  );
});

test('why tells how often it was missed while the daemon was down, or what made up for it', async (t) => {
  // Half a day from now: neither due while the test runs, nor so lately that it would still be in time.
  const hour = (new Date().getUTCHours() + 12) % 24;
  const cron = (missed: string) =>
    `on: { schedule: [{ cron: "30 ${hour} * * *", timezone: UTC, missed: ${missed} }] }\n${FINE}`;
  const { sandbox, daemon } = await rig(t, { skips: cron('skip'), latest: cron('latest') });
  const armed = await daemon.ask('GET', '/api/v1/workflows');
  await daemon.kill();
  const vault = new Vault(readKeyFile(join(sandbox.stateDir, 'key')));
  const { database } = await LevelDatabase.open(join(sandbox.stateDir, 'db'), vault);
  const batch = createStateStore(database).batch();
  const longAgo = Date.now() - 72 * 3_600_000;
  for (const { id, triggers } of armed.body.workflows)
    batch.setTriggerState(id, triggers[0].identity, { activatedAt: longAgo, watermark: longAgo });
  await batch.commit();
  await database.close();
  const next = await sandbox.start();
  await next.said('firing skipped', ({ workflow }) => workflow === 'skips');
  await next.said('run created', ({ workflow }) => workflow === 'latest');
  const why = async (workflow: string) => (await sandbox.cli(['why', workflow])).stdout;
  const missed = (await why('skips')).trimEnd().split('\n');
  for (const line of missed)
    assert.match(line, /: cron, due .*:30:00, started nothing: it was due while .* \[missed\]$/);
  const days = missed.map((line) => /due (\S+)/.exec(line)?.[1] ?? '');
  assert.deepEqual(days, [...days].sort().reverse(), 'newest first');
  assert.equal(days.length, 3);
  assert.match(await why('latest'), /cron, due .*:30:00, the last of 3 times that were due, started latest#1$/m);
});

test('why tells what a delivery did not fit, and that one came again', async (t) => {
  const on = 'on: { github: [{ repositories: [acme/site], push: { branches: [main] } }] }\n';
  const { daemon, says } = await rig(t, { gate: on + FINE });
  assert.equal(await deliver(daemon, push('next')), 202);
  await says('gate', 'github \\(webhook\\) started nothing: .*next.* \\[filtered\\]');
  const id = randomUUID();
  assert.equal(await deliver(daemon, push('main'), id), 202);
  await says('gate', 'github \\(webhook\\) started gate#1');
  assert.equal(await deliver(daemon, push('main'), id), 200);
  await says(
    'gate',
    `github \\(webhook\\) started nothing: delivery ${id} was taken in before \\(gate#1\\) \\[duplicate\\]`,
  );
  const other = randomUUID();
  assert.equal(await deliver(daemon, push('main'), other), 409);
  await says('gate', `github .* started nothing: delivery ${other} has the body of ${id} \\(gate#1\\) \\[duplicate\\]`);
});

test('why tells of a pause, of inputs nobody gave, and of a full queue', async (t) => {
  const { sandbox, daemon, says } = await rig(
    t,
    {
      rest: `on: { interval: [{ every: 1s }] }\n${FINE}`,
      asks: `on: { interval: [{ every: 1s }] }\ninputs: { to: { required: true } }\n${FINE}`,
      hold: HOLD,
    },
    { RUNNER_MAX_RUNS: '1', RUNNER_QUEUE_LIMIT: '1' },
  );
  await sandbox.cli(['pause', 'rest']);
  await daemon.said('firing skipped', ({ workflow, reason }) => workflow === 'rest' && reason === 'paused');
  await says('rest', `interval, due ${WHEN}, started nothing: the workflow is paused \\[paused\\]`);
  await daemon.said('firing skipped', ({ workflow }) => workflow === 'asks');
  await says('asks', `interval, due ${WHEN}, started nothing: input "to" is required.* \\[invalid\\]`);
  for (const code of [0, 0, 1]) assert.equal((await sandbox.cli(['run', 'hold'])).code, code);
  const { stdout } = await sandbox.cli(['show', 'hold']);
  assert.match(stdout, /^waits for +a free place among all runs \(max_runs\)/m);
  await says('hold', 'manual \\(cli\\) started nothing: the queue is full: 1 waiting already \\[limit\\]');
});
