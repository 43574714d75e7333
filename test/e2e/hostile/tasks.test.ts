import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { processesOf } from '../../support/daemon.ts';
import { pushOf } from '../../support/github-bodies.ts';
import { LEDGER_END, LEDGER_START, type LedgerEntry, readLedger } from '../../support/ledger.ts';
import { Siege } from '../../support/siege.ts';

const LIMIT = { timeout: 180_000 };

/** Tasks that do to their surroundings what they can; how each must end. */
const NASTY: readonly (readonly [name: string, task: string, status: string, reason: string | null])[] = [
  ['missing', 'type: os_exec, spec: { command: [no-such-program] }', 'failed', 'not_found'],
  ['folder', 'type: os_exec, spec: { command: [/etc] }', 'failed', 'not_executable'],
  ['not-executable', 'type: os_exec, spec: { command: [/etc/passwd] }', 'failed', 'not_executable'],
  ['odd-shebang', `run: "printf '#!/no/such\\\\n' > x; chmod +x x; exec ./x"`, 'failed', 'exit_code'],
  ['nowhere', 'run: exit 0, working_dir: no/such/folder', 'failed', 'bad_working_dir'],
  ['killed', 'run: kill -9 $$', 'failed', 'signal'],
  ['code', 'run: exit 255', 'failed', 'exit_code'],
  ['stopped', 'run: kill -STOP $$, timeout: 1s', 'failed', 'timed_out'],
  ['stubborn', `run: "trap '' TERM; sleep 600 & wait; sleep 600", timeout: 1s`, 'failed', 'timed_out'],
  ['reader', 'run: cat', 'success', null],
  ['mute', 'run: exec 1>&- 2>&-', 'success', null],
  ['background', 'run: (sleep 600) & echo gone', 'success', null],
  ['escaped', 'run: setsid sleep 600 < /dev/null > /dev/null 2>&1 & exit 0', 'success', null],
  ['bare', 'run: chmod 000 .', 'success', null],
  ['no-log', 'run: rm -rf ../logs; echo x', 'success', null],
  ['no-workspace', 'run: rm -rf ../workspace', 'success', null],
  ['no-output', 'run: rm -f "$OUTPUT_FILE"; mkfifo "$OUTPUT_FILE"', 'failed', 'bad_output'],
  ['no-event', 'run: rm -f "$RUNNER_EVENT_PATH"', 'success', null],
  [
    'environ',
    `run: 'test -z "$RUNNER_GITHUB_WEBHOOK_SECRET$RUNNER_HOME"; for n in 3 4 5 6 7 8 9 17 18 19 20 21; do [ ! -e /proc/$$/fd/$n ]; done'`,
    'success',
    null,
  ],
  ['hungry', `run: 'ulimit -n 8; for i in 1 2 3; do cat /dev/null; done'`, 'success', null],
];

test('a task that turns on its surroundings harms itself alone', LIMIT, async (t) => {
  const workflows = NASTY.map(([name, task]) => [name, `taskGroup: [{ name: it, ${task} }]\n`] as const);
  const siege = await Siege.begin(t, Object.fromEntries(workflows), {
    env: { RUNNER_GRACE: '1s', RUNNER_MAX_PARALLEL: '8' },
  });
  const runs = await Promise.all(NASTY.map(([name]) => siege.daemon.run(name)));
  const ends = await Promise.all(runs.map((run) => siege.daemon.wait(run)));
  const seen = ends.map(({ workflow, results }) => [workflow, results.it.status, results.it.reason]);
  assert.deepEqual(
    seen,
    NASTY.map(([name, , status, reason]) => [name, status, reason]),
  );
  const strays = processesOf(siege.sandbox.folder).filter((pid) => pid !== siege.daemon.pid && isSleep(pid));
  assert.deepEqual(strays, []);
  await siege.survived();
});

test('beyond the queue a delivery is refused whole, and all that were taken run', LIMIT, async (t) => {
  const begin = (folder: string): string => `
on: { github: [{ repositories: [acme/site], push: {} }] }
concurrency: { group: one }
taskGroup: [{ name: look, run: 'until [ -e ${folder}/go ]; do sleep 0.05; done' }]
`;
  const siege = await Siege.begin(t, ({ folder }) => ({ queue: begin(folder) }), {
    env: { RUNNER_QUEUE_LIMIT: '5', RUNNER_MAX_RUNS: '100' },
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => siege.deliver({ event: 'push', body: pushOf() })));
  const accepted = answers.filter(({ status }) => status === 202);
  const refused = answers.filter(({ status }) => status === 503);
  assert.deepEqual([accepted.length, refused.length], [6, 14]);
  for (const { body, headers } of refused) assert.deepEqual([body.code, headers['retry-after']], ['queue-full', '5']);
  siege.sandbox.touch('go');
  for (const { body } of accepted) assert.equal((await siege.daemon.wait(body.runs[0])).status, 'success');
  assert.equal((await siege.daemon.ask('GET', '/api/v1/runs?workflow=queue')).body.runs.length, 6);
  await siege.survived();
  await siege.daemon.ask('POST', '/api/v1/drain', {});
  const late = await siege.deliver({ event: 'push', body: pushOf() });
  assert.deepEqual([late.status, late.body.code, late.headers['retry-after']], [503, 'draining', '5']);
});

test('never more tasks at once than allowed, through two deaths of the daemon', LIMIT, async (t) => {
  const count = 60;
  const task = (name: string): string =>
    `  - { name: ${name}, run: ${JSON.stringify(`${LEDGER_START}; sleep 0.02; ${LEDGER_END}`)}, retry: { attempts: 5, on: [lost] } }`;
  const siege = await Siege.begin(
    t,
    ({ ledger }) => ({ many: `env: { LEDGER: ${ledger} }\ntaskGroup:\n${['a', 'b', 'c'].map(task).join('\n')}\n` }),
    { env: { RUNNER_MAX_PARALLEL: '4' } },
  );
  await siege.daemon.ask('POST', '/api/v1/workflows/healthy/pause');
  const runs = await Promise.all(Array.from({ length: count }, () => siege.daemon.run('many')));
  for (const share of [30, 180]) {
    await siege.until(() => siege.sandbox.ledgerLines().length > share);
    await siege.daemon.kill();
    await siege.restart();
  }
  for (const run of runs) assert.equal((await siege.daemon.wait(run)).status, 'success');
  const lines = readLedger(siege.sandbox.ledgerLines());
  assert.ok(lines.filter(({ mark }) => mark === 'E').length >= 3 * count);
  assert.ok(mostAtOnce(lines) <= 4, `${mostAtOnce(lines)} tasks at once`);
});

function mostAtOnce(lines: readonly LedgerEntry[]): number {
  const open = new Set<string>();
  let most = 0;
  for (const { mark, run, task, attempt } of lines) {
    const name = `${run} ${task} ${attempt}`;
    // One that begins again was lost before: nothing of it is left.
    for (const one of open) if (one.startsWith(`${run} ${task} `)) open.delete(one);
    if (mark === 'S') open.add(name);
    most = Math.max(most, open.size);
  }
  return most;
}

function isSleep(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n';
  } catch {
    return false;
  }
}
