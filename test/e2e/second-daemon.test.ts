import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';

/** How often; `STORM_STARTS=50` for the whole proof. */
const STARTS = Number(process.env.STORM_STARTS ?? 3);

test(`of two daemons that start at once exactly one lives, ${STARTS} times over kill -9 and a symbolic link`, async (t) => {
  const sandbox = new DaemonSandbox(t);
  sandbox.write('job', "taskGroup: [{ name: work, run: 'true' }]");
  const link = join(sandbox.folder, 'link');
  symlinkSync(sandbox.stateDir, link);
  for (let round = 1; round <= STARTS; round++) {
    const pair = [sandbox.launch(), sandbox.launch([], {}, round % 2 === 0 ? link : sandbox.stateDir)];
    const outcomes = await Promise.all(pair.map(outcomeOf));
    assert.deepEqual(outcomes.toSorted(), ['ready', 'refused'], `round ${round}: ${outcomes}`);
    const living = pair[outcomes.indexOf('ready')] ?? assert.fail();
    assert.equal((await living.wait(await living.run('job'))).status, 'success');
    for (const daemon of pair) await daemon.kill();
  }
});

/** Exit code 3 is for another daemon that has the state. */
async function outcomeOf(daemon: RunningDaemon): Promise<string> {
  const ended = daemon.ended.then(({ code }) => (code === 3 ? 'refused' : `ended with ${code}: ${daemon.stderr}`));
  return Promise.race([
    daemon.said('ready').then(
      () => 'ready',
      () => ended,
    ),
    ended,
  ]);
}
