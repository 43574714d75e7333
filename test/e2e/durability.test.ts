/** What is acknowledged is on the disk before: seen by the system calls, and by cutting the power at the worst moment. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DaemonSandbox, processesOf } from '../support/daemon.ts';
import { deliverPush, WEBHOOK_SECRET } from '../support/deliver.ts';
import { LEDGER_START } from '../support/ledger.ts';
import { CallTrace, cannotTrace, type SystemCall } from '../support/system-calls.ts';
import { until } from '../support/until.ts';

const ENV = { RUNNER_GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET };
const DELIVERY = '72d3162e-cc78-11e3-81ab-4c9367dc0958';

/** A daemon that took something in under the eyes of strace, and then lost its power. */
interface Scene {
  readonly sandbox: DaemonSandbox;
  readonly run: string;
  readonly calls: readonly SystemCall[];
  /** The database's log, and how long it was before. */
  readonly log: string;
  readonly before: number;
}

/** `wish` asks for the run. */
async function play(
  t: TestContext,
  wish: (daemon: Awaited<ReturnType<DaemonSandbox['start']>>) => Promise<string>,
): Promise<Scene> {
  const sandbox = new DaemonSandbox(t);
  const on = 'on: { github: [{ repositories: [a/b], push: {} }] }';
  const env = `env: { LEDGER: ${JSON.stringify(sandbox.ledger)} }`;
  sandbox.write(
    'job',
    `${on}\n${env}\ntaskGroup:\n  - name: stay\n    run: |\n      ${LEDGER_START}\n      sleep 60\n`,
  );
  const daemon = await sandbox.start([], ENV);
  const log = logOf(sandbox);
  const before = statSync(log).size;
  const file = join(sandbox.folder, 'trace');
  const trace = await CallTrace.attach(daemon.pid, ['fdatasync', 'write', 'writev'], file);
  t.after(() => trace.stop());
  const run = await wish(daemon);
  await until(() => sandbox.ledgerLines().length === 1);
  await daemon.kill();
  // The power fails for everything.
  for (const pid of processesOf(sandbox.folder)) process.kill(pid, 'SIGKILL');
  return { sandbox, run, calls: await trace.calls(), log, before };
}

function logOf(sandbox: DaemonSandbox): string {
  const folder = join(sandbox.stateDir, 'db');
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.log')) ?? '');
}

/** The first write that holds a text. */
function writeOf(calls: readonly SystemCall[], text: string): SystemCall {
  const found = calls.find(({ name, args }) => name.startsWith('write') && args.includes(text));
  assert.ok(found, `nobody wrote ${text}`);
  return found;
}

/** How much of the log was safe when a call began: what was written before the last sync that had returned by then. */
function safeAt({ calls, log, before }: Scene, { began }: SystemCall): number {
  const ofLog = calls.filter(({ args }) => args.includes(`<${log}>`));
  const syncs = ofLog.filter(({ name, result, returned }) => name === 'fdatasync' && result === 0 && returned < began);
  const last = Math.max(...syncs.map((sync) => sync.began));
  assert.ok(syncs.length > 0, 'nothing was synced before');
  const written = ofLog.filter(({ name, returned }) => name === 'write' && returned < last);
  return written.reduce((sum, { result }) => sum + (result ?? 0), before);
}

/** Starts a daemon on what a power cut right before a call would have left. */
async function startAfterCut(scene: Scene, call: SystemCall) {
  const { sandbox, log } = scene;
  const [database, whole] = [join(sandbox.stateDir, 'db'), join(sandbox.folder, 'whole')];
  const safe = safeAt(scene, call);
  cpSync(database, whole, { recursive: true });
  truncateSync(log, safe);
  // Never synced.
  rmSync(join(database, 'WITNESS'), { force: true });
  return sandbox.start([], ENV);
}

for (const [what, answer, wish] of [
  [
    'a delivery',
    'HTTP/1.1 202',
    async (daemon) => JSON.parse((await deliverPush(daemon.address, DELIVERY)).text).runs[0],
  ],
  ['a run by hand', 'HTTP/1.1 201', (daemon) => daemon.run('job')],
] as const satisfies readonly (readonly [string, string, Parameters<typeof play>[1]])[]) {
  test(`${what} that was acknowledged survives a power cut right before the answer`, {
    skip: cannotTrace(),
  }, async (t) => {
    const scene = await play(t, wish);
    const daemon = await startAfterCut(scene, writeOf(scene.calls, answer));
    const { status, body } = await daemon.ask('GET', `/api/v1/runs/${scene.run}`);
    assert.equal(status, 200, JSON.stringify(body));
    if (what !== 'a delivery') return;
    const again = await deliverPush(daemon.address, DELIVERY);
    assert.deepEqual([again.status, JSON.parse(again.text).runs], [200, [scene.run]]);
  });
}

test('a task whose start was asked for is not started again after a power cut right before that', {
  skip: cannotTrace(),
}, async (t) => {
  const scene = await play(t, (daemon) => daemon.run('job'));
  const daemon = await startAfterCut(scene, writeOf(scene.calls, '\\"type\\":\\"start\\"'));
  const { results } = await daemon.wait(scene.run);
  assert.equal(results.stay.reason, 'lost');
  assert.equal(scene.sandbox.ledgerLines().length, 1);
});
