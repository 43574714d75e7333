import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { DaemonSandbox, tasksOf } from '../support/daemon.ts';
import { LEDGER_START, readLedger } from '../support/ledger.ts';
import { until } from '../support/until.ts';

/** A workflow whose task tells that it begins, and then waits for ever. */
function endless(sandbox: DaemonSandbox): string {
  return `
env: { LEDGER: ${JSON.stringify(sandbox.ledger)} }
taskGroup:
  - name: stay
    run: |
      ${LEDGER_START}
      while :; do sleep 0.1; done
  - { name: after, run: 'true', depends_on: [stay] }
`;
}

test('after a loss nothing goes on or fires twice, nothing is left running, and the daemon says so', async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', endless(sandbox));
  sandbox.write('tick', "on: { interval: [{ every: 1s, overlap: allow }] }\ntaskGroup: [{ name: beat, run: 'true' }]");
  const daemon = await sandbox.start([], { RUNNER_MAX_PARALLEL: '4' });
  const known = await daemon.run('job');
  await until(() => sandbox.ledgerLines().length === 1);
  const log = sandbox.databaseFile(/\.log$/);
  const kept = statSync(log).size;
  const forgotten = await daemon.run('job');
  await until(() => sandbox.ledgerLines().length === 2);
  await daemon.said('run ended');
  await daemon.kill();
  truncateSync(log, kept);

  const next = await sandbox.start();
  const { time } = await next.said('state was lost');
  const health = await next.ask('GET', '/healthz');
  assert.equal(health.body.status, 'degraded');
  assert.match(health.body.problems.join(), /the store has lost \d+ commits? after number \d+/);
  assert.deepEqual(tasksOf(sandbox.folder), []);
  const { status, results } = await next.wait(known);
  assert.deepEqual([status, results.stay.reason, results.after.reason], ['failed', 'lost', 'lost']);
  assert.equal((await next.ask('GET', `/api/v1/runs/${forgotten}`)).status, 404);
  await next.said('run created', ({ workflow }) => workflow === 'tick');
  const { body } = await next.ask('GET', '/api/v1/firings?workflow=tick&limit=1000');
  const fired = (body.firings as { at: string; due_at: string }[]).filter(({ at }) => at > String(time));
  assert.deepEqual(
    fired.filter(({ due_at }) => due_at < String(time)),
    [],
  );
  await next.kill();

  const third = await sandbox.start();
  assert.equal((await third.ask('GET', '/healthz')).body.status, 'ok');
  assert.equal(readLedger(sandbox.ledgerLines()).length, 2);
});

test('a damaged database is refused, and left as it is', async (t) => {
  const sandbox = new DaemonSandbox(t);
  await (await sandbox.start()).kill();
  const manifest = sandbox.databaseFile(/^MANIFEST/);
  writeFileSync(manifest, readFileSync(manifest).fill(0, 8, 40));
  const damaged = readFileSync(manifest);
  const refused = sandbox.launch();
  assert.deepEqual(await refused.ended, { code: 2, signal: null });
  assert.match(refused.stderr, /^runnerd: the database .*\/db is damaged: .*put a backup in its place/);
  assert.deepEqual(readFileSync(manifest), damaged);
});
