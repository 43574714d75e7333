import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDockerDriver } from '../../src/drivers/docker/driver.ts';
import type { Job } from '../../src/model/ports.ts';
import { dockerSkip, TEST_IMAGE } from '../support/docker.ts';
import { DockerRig, IMPATIENT } from '../support/docker-rig.ts';
import { TestRegistry } from '../support/test-registry.ts';

const skip = await dockerSkip();

test('an image that the registry does not have is told at once', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const registry = await TestRegistry.start(t);
  const exit = await rig.run(rig.job('true', { spec: { image: registry.image.replace(':1', ':2') } }));
  assert.equal(exit.kind === 'failed' && exit.reason, 'provisioning_failed');
  assert.match(exit.kind === 'failed' ? exit.message : '', /cannot be fetched: .*(not found|unknown)/);
  assert.doesNotMatch(exit.kind === 'failed' ? exit.message : '', /tried/);
});

for (const [what, image, message] of [
  ['a bad name', 'Not A Name', /invalid reference/],
  ['a name with a query in it', 'a?tag=b&x', /invalid reference/],
] as const) {
  test(`an image with ${what} fails at once, in words`, { skip }, async (t) => {
    const rig = new DockerRig(t);
    const exit = await rig.run(rig.job('true', { spec: { image } }));
    assert.equal(exit.kind === 'failed' && exit.reason, 'provisioning_failed');
    assert.match(exit.kind === 'failed' ? exit.message : '', message);
  });
}

test('an image that is not here and must not be fetched is named, with the way to get it', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const exit = await rig.run(rig.job('true', { spec: { image: 'nonesuch:9', pull: 'never' } }));
  assert.match(exit.kind === 'failed' ? exit.message : '', /docker pull nonesuch:9/);
});

test('a missing image is fetched, with the credentials of the registry', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const registry = await TestRegistry.start(t, { credentials: 'me:s3cret' });
  const auth = { user: 'me', password: 's3cret' };
  const denied = await rig.run(rig.job(['true'], { spec: { image: registry.image } }));
  assert.match(denied.kind === 'failed' ? denied.message : '', /cannot be fetched/);
  await rig.run(rig.job('cat /etc/made-for', { spec: { image: registry.image, registry_auth: auth } }));
  assert.equal(rig.io.stdout, 'the tests of runner\n');
});

test('`always` asks the registry each time, `missing` only once', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const registry = await TestRegistry.start(t);
  const asked: boolean[] = [];
  for (const pull of ['missing', 'missing', 'always', 'never']) {
    const before = registry.asked;
    await rig.run(rig.job('true', { spec: { image: registry.image, pull } }));
    asked.push(registry.asked > before);
  }
  assert.deepEqual(asked, [true, false, true, false]);
});

test('how far the fetching of an image is, is told now and then', {
  skip,
}, async (t) => {
  const rig = new DockerRig(t);
  const registry = await TestRegistry.start(t, { isHeld: true });
  const run = rig.run(rig.job('true', { spec: { image: registry.image } }));
  const fetching = `fetching the image "${registry.image}"`;
  await rig.io.entered(/: 1 of 2 layers, /);
  registry.release();
  assert.deepEqual(await run, { kind: 'exited', code: 0 });
  const [first, ...more] = rig.io.phases.slice(1, -1);
  assert.equal(first, `provisioning ${fetching}`);
  assert.ok(more.length > 1 && more.length <= 10, more.join('\n'));
  assert.match(more.at(-1) ?? '', /: 2 of 2 layers, \d.*iB$/);
  assert.equal(rig.io.phases.at(-1), 'deprovisioning');
});

test('what a result rests on is the content of the image, not its name', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const registry = await TestRegistry.start(t);
  const contentOf = (spec: Job['spec']) => {
    return createDockerDriver(rig.place).foundation?.(rig.job('true', { spec }), rig.io.signal);
  };
  const local = await contentOf({ image: TEST_IMAGE });
  assert.match(local ?? '', /^sha256:/);
  assert.equal(await contentOf({ image: registry.image, pull: 'never' }), '');
  const fetched = await contentOf({ image: registry.image });
  assert.match(fetched ?? '', /^sha256:/);
  assert.notEqual(fetched, local);
});

test('a registry that does not answer is waited for as long as wanted', { skip }, async (t) => {
  const rig = new DockerRig(t, {}, { clock: IMPATIENT });
  const registry = await TestRegistry.start(t, { isStalled: true });
  const exit = await rig.run(rig.job('true', { spec: { image: registry.image, pull_timeout: '50ms' } }));
  assert.match(exit.kind === 'failed' ? exit.message : '', /it took longer than 50ms \(tried 3 times\)/);
});

test('a task that is to end stops waiting for its image', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const registry = await TestRegistry.start(t, { isStalled: true });
  const run = rig.run(rig.job('true', { spec: { image: registry.image } }));
  rig.io.end(1000);
  assert.equal((await run).kind, 'signaled');
});

test('an image for another kind of machine is told before the start and after the end', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const registry = await TestRegistry.start(t, { architecture: 's390x' });
  const exit = await rig.run(rig.job('true', { spec: { image: registry.image } }));
  const told = /^provisioning Docker warns: .*platform \(linux\/s390x\) does not match/;
  assert.match(exit.kind === 'exited' ? (exit.notes?.join() ?? '') : '', /Docker warns: .*linux\/s390x/);
  assert.match(rig.io.phases.at(-2) ?? '', told);
});

test('an image that there is for other kinds of machines only is told at once', { skip }, async (t) => {
  const rig = new DockerRig(t);
  const registry = await TestRegistry.start(t, { architecture: 's390x', isListed: true });
  const exit = await rig.run(rig.job('true', { spec: { image: registry.image } }));
  assert.equal(exit.kind === 'failed' && exit.reason, 'provisioning_failed');
  assert.match(
    exit.kind === 'failed' ? exit.message : '',
    /cannot be fetched: no matching manifest for linux\/\w+( |$)/,
  );
});
