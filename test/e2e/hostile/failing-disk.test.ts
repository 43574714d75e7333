import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { FailingDisk } from '../../support/failing-disk.ts';
import { pushOf, siteWorkflow } from '../../support/github-bodies.ts';
import { LEDGER_END, LEDGER_START } from '../../support/ledger.ts';
import { Siege, taken } from '../../support/siege.ts';
import { cannotTrace } from '../../support/system-calls.ts';

const ID = '5f7e1c90-0000-11ef-8000-0123456789ab';

test('a disk that fails to sync stops nothing that runs, what it refused did not happen, and it may heal', {
  skip: cannotTrace(),
  timeout: 180_000,
}, async (t) => {
  const siege = await Siege.begin(t, ({ ledger, folder }) => ({
    push: siteWorkflow('echo pushed'),
    long: `
env: { LEDGER: ${ledger}, GO: ${join(folder, 'go')} }
taskGroup:
  - name: long
    run: |
      ${LEDGER_START}
      until [ -e "$GO" ]; do sleep 0.02; done
      ${LEDGER_END}
  - { name: after, run: echo after, depends_on: long }
`,
  }));
  const { daemon, sandbox } = siege;
  const long = await daemon.run('long');
  await siege.until(() => sandbox.ledgerLines().length === 1);
  const disk = await FailingDisk.of(daemon.pid);
  t.after(() => disk.heal());
  const refused = await siege.deliver({ event: 'push', body: pushOf(), id: ID });
  assert.equal(refused.status, 503);
  await siege.until(async () => (await siege.get('/healthz')).status === 503);
  for (let tries = 0; tries < 3; tries++) {
    await assert.rejects(daemon.run('push'), /503/);
    assert.equal((await daemon.ask('GET', `/api/v1/runs/${long}`)).status, 200, 'what is known can be read');
  }
  sandbox.touch('go');
  await siege.until(() => sandbox.ledgerLines().length === 2);
  await disk.heal();
  await siege.until(async () => (await siege.get('/healthz')).status === 200);
  assert.equal((await daemon.wait(long)).status, 'success');
  assert.deepEqual((await daemon.ask('GET', '/api/v1/runs?workflow=push')).body.runs, []);
  const [run = ''] = taken(await siege.deliver({ event: 'push', body: pushOf(), id: ID }));
  assert.equal((await daemon.wait(run)).status, 'success');
  await siege.survived();
  await daemon.kill();
  await siege.restart();
  assert.equal((await siege.daemon.ask('GET', '/healthz')).body.status, 'ok');
  assert.equal((await siege.daemon.ask('GET', '/api/v1/runs?workflow=push')).body.runs.length, 1);
});
