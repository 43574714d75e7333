import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonSandbox } from '../support/daemon.ts';
import { finished, printed } from '../support/program.ts';

/** Counts until it is told to end, then fails. */
const COUNTING = `taskGroup:
  - name: count
    run: |
      n=0
      until [ -e "$RUNNER_WORKSPACE/../../../../go" ]; do n=$((n + 1)); echo "line $n"; sleep 0.01; done
      echo "$n" >> "$RUNNER_WORKSPACE/../../../../ledger"
      exit 3
`;

test('who waits for a run or follows it bears that the daemon is killed and that it is restarted', async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('count', COUNTING);
  let daemon = await sandbox.start(['--drain', '0s'], { RUNNER_MAX_PARALLEL: '3' });
  const run = await daemon.run('count');
  const log = sandbox.verb(['logs', run, 'count', '-f', '--raw']);
  const wait = sandbox.verb(['run', 'count', '--wait']);
  const follow = sandbox.verb(['run', 'count', '--follow']);
  const ends = Promise.all([log, wait, follow].map(finished));
  await Promise.all([printed(log, 'line 5\n'), printed(wait, 'count#'), printed(follow, 'line 5\n')]);
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const told = Promise.all([log, wait, follow].map((verb) => printed(verb, 'lost the daemon')));
    daemon.signal(signal);
    await daemon.ended;
    await told;
    const back = Promise.all([log, wait, follow].map((verb) => printed(verb, 'the daemon is back')));
    daemon = await sandbox.start(['--drain', '0s'], { RUNNER_MAX_PARALLEL: '3' });
    await back;
  }
  sandbox.touch('go');
  const [logged, waited, followed] = await ends;
  const counted = sandbox
    .ledgerLines()
    .map(Number)
    .toSorted((a, b) => a - b);
  assert.equal(counted.length, 3);
  assert.deepEqual([logged?.code, waited?.code, followed?.code], [0, 1, 1]);
  const lines = (text = ''): string[] => text.match(/(?<=^(count \| )?line )\d+$/gm) ?? [];
  for (const shown of [lines(logged?.stdout), lines(followed?.stdout)]) {
    assert.ok(counted.includes(shown.length), `${shown.length} of ${counted}`);
    assert.deepEqual(
      shown.map(Number),
      Array.from({ length: shown.length }, (_, index) => index + 1),
    );
  }
  assert.match(waited?.stdout ?? '', /^count#\d: failed in /m);
});
