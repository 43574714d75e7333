import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkDocker } from '../../src/drivers/docker/check.ts';
import { EngineClient } from '../../src/drivers/docker/engine-client.ts';
import { containersOf, dockerSkip, engine } from '../support/docker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const skip = await dockerSkip();

test('an engine is described: version, what its socket is worth, whether it sees a folder', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const findings = await checkDocker(engine, folder);
  assert.deepEqual(
    findings.map(({ name }) => name),
    ['docker', 'docker rights', 'docker mounts'],
  );
  assert.match(findings[0]?.message ?? '', /^Docker \d+/);
  assert.deepEqual(findings[2], { name: 'docker mounts', level: 'ok', message: `Docker sees ${folder}` });
  assert.deepEqual(containersOf('runner=doctor'), []);
});

test('a folder the engine does not see is an error', { skip }, async () => {
  const findings = await checkDocker(engine, '/no/such/folder');
  assert.equal(findings[2]?.level, 'error');
});

test('no engine is one warning, in words', async (t) => {
  const findings = await checkDocker(new EngineClient(join(temporaryFolder(t), 'none.sock')), '/');
  assert.deepEqual(
    findings.map(({ name, level }) => [name, level]),
    [['docker', 'warning']],
  );
  assert.match(findings[0]?.message ?? '', /is Docker installed and started/);
});
