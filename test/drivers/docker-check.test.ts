import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkDocker } from '../../src/drivers/docker/check.ts';
import { EngineClient, EngineError } from '../../src/drivers/docker/engine-client.ts';
import { engineWords } from '../../src/drivers/docker/engine-words.ts';
import { containersOf, dockerSkip, engine } from '../support/docker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const skip = await dockerSkip();

test('an engine is described: version, what its socket is worth, whether it sees a folder and can bound a disk', {
  skip,
}, async (t) => {
  const folder = temporaryFolder(t);
  const findings = await checkDocker(engine, folder);
  assert.deepEqual(
    findings.map(({ name }) => name),
    ['docker', 'docker rights', 'docker mounts', 'docker disk'],
  );
  assert.match(findings[0]?.message ?? '', /^Docker \d+/);
  assert.deepEqual(findings[2], { name: 'docker mounts', level: 'ok', message: `Docker sees ${folder}` });
  const documented = readFileSync('docs/doctor.md', 'utf8').matchAll(/^\| `(docker(?: \w+)?)` \|/gm);
  assert.deepEqual(
    [...documented].map((match) => match[1]),
    findings.map(({ name }) => name),
  );
  assert.match(findings[3]?.message ?? '', /^`resources\.disk` is (kept|not kept: it takes .*pquota)/);
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

for (const [what, answer] of [
  ['no JSON', '<html>'],
  ["JSON that is not Docker's", '{"name":"x"}'],
] as const) {
  test(`who answers ${what} is not Docker, and that is said`, async (t) => {
    const socket = await listening(t, (_request, response) => response.end(answer));
    const findings = await checkDocker(new EngineClient(socket), '/');
    const message = `Docker says: nothing that makes sense (${answer}); is it Docker that listens there?`;
    assert.deepEqual(findings, [{ name: 'docker', level: 'warning', message }]);
  });
}

test('an engine that hangs is a warning, not a doctor that hangs', async (t) => {
  const socket = await listening(t, () => {});
  const findings = await checkDocker(new EngineClient(socket, 20), '/');
  assert.deepEqual(findings, [
    { name: 'docker', level: 'warning', message: `Docker cannot be reached on ${socket}: no answer for 0.02 s` },
  ]);
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
function engineThatSays(t: TestContext, answers: Readonly<Record<string, unknown>>): Promise<string> {
  return listening(t, (request, response) => response.end(JSON.stringify(answers[request.url ?? ''])));
}

async function listening(t: TestContext, answer: RequestListener): Promise<string> {
  const socket = join(temporaryFolder(t), 'engine.sock');
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return socket;
}
