import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonSandbox } from '../support/daemon.ts';
import { type DeliveryReply, deliverPush, WEBHOOK_SECRET } from '../support/deliver.ts';

const ENV = { RUNNER_GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET };
const DELIVERY = '72d3162e-cc78-11e3-81ab-4c9367dc0958';

test('a delivery that comes while the daemon is starting makes its run', async (t) => {
  const sandbox = new DaemonSandbox(t);
  const pushed = "on: { github: [{ repositories: [a/b], push: {} }] }\ntaskGroup: [{ name: work, run: 'true' }]";
  // Many to read, so that there is time.
  for (let index = 0; index < 100; index++) sandbox.write(`a${index}`, "taskGroup: [{ name: work, run: 'true' }]");
  sandbox.write('pushed', pushed);
  const first = await sandbox.start([], ENV);
  const { address } = first;
  await first.kill();
  sandbox.launch(['--listen', address.replace('http://', '')], ENV);
  const reply = await firstReply(address);
  assert.equal(reply.status, 202, reply.text);
  assert.equal(JSON.parse(reply.text).runs.length, 1, reply.text);
});

/** Tries again while nobody listens. */
async function firstReply(address: string): Promise<DeliveryReply> {
  for (;;) {
    try {
      return await deliverPush(address, DELIVERY);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
