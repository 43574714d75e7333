import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkDocker } from '../../src/drivers/docker/check.ts';
import { EngineClient, EngineError } from '../../src/drivers/docker/engine-client.ts';
import { engineWords } from '../../src/drivers/docker/engine-words.ts';
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

for (const [what, version, options, expected] of [
  ['that is rootless is the better one', '1.41', ['name=seccomp', 'name=rootless'], ['ok', 'ok']],
  ["that is root's is worth root", '1.41', ['name=seccomp'], ['ok', 'warning']],
  ['that is too old is an error', '1.39', null, ['error', 'warning']],
] as const) {
  test(`an engine ${what}`, async (t) => {
    const socket = await engineThatSays(t, {
      '/version': { Version: '1.2.3', ApiVersion: version },
      '/info': { SecurityOptions: options },
      '/images/json': [],
    });
    const findings = await checkDocker(new EngineClient(socket), '/');
    assert.deepEqual([findings[0]?.level, findings[1]?.level], expected);
    assert.match(findings[2]?.message ?? '', /no image yet/);
  });
}

test('a socket one has no right to is told with what to do', () => {
  const words = engineWords(new EngineError(0, 'connect EACCES', 'EACCES'), '/run/docker.sock');
  assert.match(words, /no permission for \/run\/docker\.sock; add the user to the group "docker"/);
});

/** Stands for engines of other kinds and ages, which are not here. */
async function engineThatSays(t: TestContext, answers: Readonly<Record<string, unknown>>): Promise<string> {
  const socket = join(temporaryFolder(t), 'engine.sock');
  const server = createServer((request, response) => response.end(JSON.stringify(answers[request.url ?? ''])));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => server.close());
  return socket;
}
