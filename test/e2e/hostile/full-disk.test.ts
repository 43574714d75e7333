import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pushOf, siteWorkflow } from '../../support/github-bodies.ts';
import { LEDGER_END, LEDGER_START } from '../../support/ledger.ts';
import { Siege, taken } from '../../support/siege.ts';
import { cannotMount, fillDisk, mountSmallDisk } from '../../support/small-disk.ts';

const MIB = 1024 * 1024;

test('a full disk stops nothing that runs, takes nothing half, and is over when there is room', {
  skip: cannotMount(),
  timeout: 180_000,
}, async (t) => {
  let disk = '';
  const siege = await Siege.begin(
    t,
    (sandbox) => {
      disk = sandbox.stateDir;
      mkdirSync(disk, { mode: 0o700 });
      sandbox.beforeRemoval(mountSmallDisk(disk, '24m'));
      return {
        push: siteWorkflow('echo pushed'),
        long: `
env: { LEDGER: ${sandbox.ledger}, GO: ${join(sandbox.folder, 'go')} }
taskGroup:
  - name: long
    run: |
      ${LEDGER_START}
      until [ -e "$GO" ]; do sleep 0.02; done
      ${LEDGER_END}
  - { name: after, run: echo after, depends_on: long }
`,
      };
    },
    { env: { RUNNER_DISK_MIN_FREE: '4MiB', RUNNER_DISK_MIN_FREE_PERCENT: '0' } },
  );
  const { daemon, sandbox } = siege;
  const long = await daemon.run('long');
  await siege.until(() => sandbox.ledgerLines().length === 1);
  const empty = fillDisk(disk, 0);
  const full = await siege.deliver({ event: 'push', body: pushOf() });
  assert.deepEqual([full.status, full.body.code], [503, 'disk-full']);
  assert.match(String(full.headers['retry-after']), /^\d+$/);
  await siege.until(async () => (await siege.get('/healthz')).status === 503);
  await assert.rejects(daemon.run('push'), /503/);
  sandbox.touch('go');
  await siege.until(() => sandbox.ledgerLines().length === 2);
  empty();
  await siege.until(async () => (await siege.get('/healthz')).status === 200);
  assert.equal((await daemon.wait(long)).status, 'success');
  const id = '5f7e1c90-0000-11ef-8000-0123456789ab';
  const [run = ''] = taken(await siege.deliver({ event: 'push', body: pushOf(), id }));
  assert.equal((await daemon.wait(run)).status, 'success');

  const almost = fillDisk(disk, 2 * MIB);
  await siege.until(async () => (await siege.get('/healthz')).status === 503);
  const body = pushOf();
  const refused = await siege.deliver({ event: 'push', body });
  assert.deepEqual([refused.status, refused.body.code], [503, 'disk-full']);
  const { firings } = (await daemon.ask('GET', '/api/v1/firings?workflow=push')).body;
  assert.deepEqual([firings[0].reason, firings[0].run], ['disk-full', null]);
  assert.match((await siege.get('/healthz')).body.problems.join(), /nearly full/);
  almost();
  await siege.until(async () => (await siege.get('/healthz')).status === 200);
  assert.equal(taken(await siege.deliver({ event: 'push', body })).length, 1);
  await siege.survived();
});
