/** The real program under a wall clock that jumps; everything finer is tested with a clock of our own in `test/triggers`. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';
import { cannotFakeTime, FakeTime } from '../support/fake-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Decision {
  readonly due_at: string;
  readonly decision: string;
  readonly reason: string | null;
  readonly count: number;
}

/** Every hour, in Universal Time. */
function hourly(missed: string): string {
  return `on: { schedule: [{ cron: '0 * * * *', timezone: UTC, missed: ${missed}, overlap: allow }] }
taskGroup: [{ name: work, run: 'true' }]`;
}

/** What became of a workflow's slots, the oldest slot first. */
async function decisions(daemon: RunningDaemon, workflow: string): Promise<readonly Decision[]> {
  const { body } = await daemon.ask('GET', `/api/v1/firings?workflow=${workflow}&limit=100`);
  const ofSlots = (body.firings as Decision[]).filter(({ due_at }) => due_at !== null);
  return ofSlots.sort((a, b) => a.due_at.localeCompare(b.due_at));
}

/** So many hours beginning with one, as the API spells them. */
function hours(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => new Date(first + index * HOUR).toISOString());
}

/** What became of a workflow's slots, once there are so many. */
async function decided(daemon: RunningDaemon, workflow: string, count: number): Promise<readonly Decision[]> {
  for (;;) {
    const all = await decisions(daemon, workflow);
    if (all.length >= count) return all;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('slots that were missed while nothing was there: skipped, made up for once, or each', {
  skip: cannotFakeTime(),
}, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const time = new FakeTime(sandbox.folder);
  const start = Math.ceil(time.now() / HOUR) * HOUR;
  time.set(start + 10 * MINUTE);
  for (const policy of ['skip', 'latest', 'all']) sandbox.write(policy, hourly(policy));
  await (await sandbox.start([], time.env)).kill();

  time.forward(5 * HOUR + 20 * MINUTE);
  const daemon = await sandbox.start([], time.env);
  const missed = hours(start + HOUR, 5);
  const skipped = await decided(daemon, 'skip', 5);
  assert.deepEqual(
    skipped.map(({ due_at, decision, reason }) => [due_at, decision, reason]),
    missed.map((slot) => [slot, 'skipped', 'missed']),
  );
  const latest = await decided(daemon, 'latest', 1);
  assert.deepEqual(
    latest.map(({ due_at, decision, count }) => [due_at, decision, count]),
    [[missed[4], 'fired', 5]],
  );
  const each = await decided(daemon, 'all', 5);
  assert.deepEqual(
    each.map(({ due_at, decision }) => [due_at, decision]),
    missed.map((slot) => [slot, 'fired']),
  );

  // Back by two hours, and then on to where it was, and to the next slot: what has been decided is not decided again.
  time.forward(-2 * HOUR);
  await daemon.wait(await daemon.run('skip'));
  time.set(start + 6 * HOUR - 2_000);
  const slots = async (id: string, count: number) => (await decided(daemon, id, count)).map(({ due_at }) => due_at);
  assert.deepEqual(await slots('skip', 6), hours(start + HOUR, 6));
  assert.deepEqual(await slots('latest', 2), hours(start + 5 * HOUR, 2));
  assert.deepEqual(await slots('all', 6), hours(start + HOUR, 6));
});

test('a time limit counts real time, however the wall clock jumps', { skip: cannotFakeTime() }, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const time = new FakeTime(sandbox.folder);
  const go = JSON.stringify(join(sandbox.folder, 'go'));
  sandbox.write(
    'job',
    `timeout: 1h\nenv: { GO: ${go} }
taskGroup: [{ name: work, timeout: 1h, run: 'until [ -e "$GO" ]; do sleep 0.02; done' }]`,
  );
  sandbox.write('other', "taskGroup: [{ name: work, run: 'true' }]");
  const daemon = await sandbox.start([], time.env);
  const run = await daemon.run('job');
  await daemon.said('run started');
  time.forward(24 * HOUR);
  const { created_at } = await daemon.wait(await daemon.run('other'));
  assert.ok(Date.parse(created_at) > Date.now() + 23 * HOUR, 'the jump was seen');
  sandbox.touch('go');
  assert.equal((await daemon.wait(run)).status, 'success');
});

test('a clock that is set leaves one record, a line of the log, and why says so', {
  skip: cannotFakeTime(),
}, async (t) => {
  const sandbox = new DaemonSandbox(t);
  const time = new FakeTime(sandbox.folder);
  sandbox.write('hourly', hourly('skip'));
  const daemon = await sandbox.start([], time.env);
  const before = time.now();
  for (const jump of [3 * HOUR, -2 * HOUR]) {
    time.forward(jump);
    await daemon.said('the clock jumped', ({ from, to }) => {
      const seen = Date.parse(String(to)) - Date.parse(String(from));
      return Math.abs(seen - jump) < MINUTE;
    });
  }
  const { body } = await daemon.ask('GET', '/api/v1/audit');
  assert.deepEqual(
    body.audits.map(({ actor, action }: Record<string, unknown>) => [actor, action]),
    [
      ['daemon', 'clock.jump'],
      ['daemon', 'clock.jump'],
    ],
  );
  const { stdout } = await sandbox.cli(['why', 'hourly', '--at', new Date(before + 24 * HOUR).toISOString()]);
  assert.equal(stdout.match(/the wall clock jumped from .* to .*: it was set, or the machine slept$/gm)?.length, 2);
});
