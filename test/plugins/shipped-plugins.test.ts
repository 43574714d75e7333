import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Notice } from '../../src/model/extension.ts';
import type { Job } from '../../src/model/ports.ts';
import type { Exit } from '../../src/model/run.ts';
import { readOutputs } from '../../src/util/output-file.ts';
import { PluginRig } from '../support/plugin-rig.ts';
import { WatchedIO } from '../support/watched-io.ts';

type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** A server on this machine; its address. */
async function serve(t: TestContext, answer: Answer): Promise<string> {
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => answer(request, body, response));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs one job of a plugin that is shipped. */
async function shipped(t: TestContext, name: string) {
  const rig = new PluginRig(t);
  cpSync(`plugins/${name}.js`, join(rig.plugins, `${name}.js`));
  const driver = rig.driver(await rig.load(), name);
  let count = 0;
  return async (spec: Job['spec'], io = new WatchedIO()) => {
    const job = rig.job(name, spec, { outputFile: join(rig.folder, `.output${count++}`) });
    assert.deepEqual(driver.validate(spec), []);
    const exit = await driver.run(job, io);
    const written = readOutputs({ outputFile: job.outputFile, task: 'x' });
    return { exit, exports: 'values' in written ? Object.fromEntries(written.values) : written, log: io.stderr };
  };
}

function said(exit: Exit): string {
  return exit.kind === 'failed' ? exit.message : (exit.notes ?? []).join();
}

test('the seed’s example of a plugin has fewer than 30 lines and no plugin is without a test', () => {
  assert.ok(readFileSync('plugins/hello-world.js', 'utf8').split('\n').length < 30);
  assert.deepEqual(readdirSync('plugins').sort(), ['hello-world.js', 'http.js', 'vault.js', 'webhook.js']);
});

test('hello-world greets', async (t) => {
  const run = await shipped(t, 'hello-world');
  assert.deepEqual((await run({ name: 'Ada' })).exports, { greeting: 'Hello, Ada!' });
});

test('http exports status, body, headers and parts of JSON', async (t) => {
  const run = await shipped(t, 'http');
  const url = await serve(t, (request, body, response) => {
    response.writeHead(201, { 'x-kind': `${request.method} ${request.headers['content-type']}` });
    response.end(JSON.stringify({ got: JSON.parse(body), list: [1, { 'a/b': 'deep' }] }));
  });
  const parts = { status: 'status', kind: 'header:X-Kind', got: '/got', deep: '/list/1/a~1b' };
  const { exit, exports, log } = await run({ url: `${url}/p?token=secret`, json: { n: 1 }, export: parts });
  assert.deepEqual(exit, { kind: 'exited', code: 0 });
  assert.deepEqual(exports, { status: '201', kind: 'POST application/json', got: '{"n":1}', deep: 'deep' });
  assert.ok(log.includes(`POST ${url}/p\n`) && !log.includes('secret'), log);
});

test('http fails for another status, a missing part, a long answer and a slow one', async (t) => {
  const run = await shipped(t, 'http');
  const url = await serve(t, (request, _body, response) => {
    if (request.url === '/slow') return;
    response.writeHead(request.url === '/404' ? 404 : 200).end('{"a":"x"}');
  });
  assert.match(said((await run({ url: `${url}/404` })).exit), /answered 404/);
  assert.deepEqual((await run({ url: `${url}/404`, status: [404] })).exit, { kind: 'exited', code: 0 });
  assert.match(said((await run({ url, export: { b: '/b' } })).exit), /nothing at \/b/);
  assert.match(said((await run({ url, max_bytes: 5 })).exit), /longer than 5 bytes/);
  assert.match(said((await run({ url: `${url}/slow`, timeout_ms: 50 })).exit), /took too long/);
  assert.match(said((await run({ url: 'http://127.0.0.1:1' })).exit), /ECONNREFUSED/);
});

test('http follows redirects only when told to, and never to private addresses unless that is allowed', async (t) => {
  const run = await shipped(t, 'http');
  const seen: string[] = [];
  const url = await serve(t, (request, _body, response) => {
    seen.push(`${request.url} ${request.headers.authorization}`);
    const location = request.url === '/end' ? undefined : `${url.replace('127.0.0.1', 'localhost')}/end`;
    response.writeHead(location ? 302 : 200, location ? { location } : {}).end('fine');
  });
  const spec = { url, headers: { authorization: 'Bearer x' } };
  assert.match(said((await run(spec)).exit), /answered 302/);
  assert.match(said((await run({ ...spec, redirects: 3 })).exit), /localhost is at .*, which is not asked/);
  assert.equal(seen.length, 2);
  const allowed = await run({ ...spec, redirects: 3, allow_private: true, export: { body: 'body' } });
  assert.deepEqual([allowed.exports, seen.at(-1)], [{ body: 'fine' }, '/end undefined']);
});

for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]', '2852039166', '[fd00:ec2::254]']) {
  test(`http does not ask ${host}, where clouds keep credentials`, async (t) => {
    assert.match(said((await (await shipped(t, 'http'))({ url: `http://${host}/` })).exit), /which is not asked/);
  });
}

/** As much of Vault's HTTP API as matters here. */
function fakeVault(log: string[]): Answer {
  return (request, body, response) => {
    const { method, url, headers } = request;
    log.push(`${method} ${url}`);
    const send = (status: number, data: unknown) => response.writeHead(status).end(JSON.stringify(data));
    if (url === '/v1/auth/approle/login') {
      const { role_id, secret_id } = JSON.parse(body);
      const isRight = role_id === 'role' && secret_id === 'sid';
      return send(isRight ? 200 : 400, isRight ? { auth: { client_token: 'made' } } : { errors: ['invalid role'] });
    }
    if (headers['x-vault-token'] !== 'root' && headers['x-vault-token'] !== 'made') return send(403, { errors: [] });
    if (url === '/v1/auth/token/revoke-self') return response.writeHead(204).end();
    if (url === '/v1/secret/data/app/db') return send(200, { data: { data: { password: 'two', n: 1 }, metadata: {} } });
    if (url === '/v1/secret/data/app/db?version=1') return send(200, { data: { data: { password: 'one' } } });
    if (url === '/v1/old/app/db') return send(200, { data: { password: 'kv1' } });
    return send(404, { errors: [] });
  };
}

test('vault reads KV 1 and 2 with a token', async (t) => {
  const run = await shipped(t, 'vault');
  const url = await serve(t, fakeVault([]));
  const spec = { url, token: 'root', path: 'app/db', secret_name: 'password' };
  assert.deepEqual((await run(spec)).exports, { password: 'two' });
  assert.deepEqual((await run({ ...spec, version: 1 })).exports, { password: 'one' });
  assert.deepEqual((await run({ ...spec, kv: 1, mount: 'old' })).exports, { password: 'kv1' });
  assert.deepEqual((await run({ ...spec, secret_name: 'n' })).exports, { n: '1' });
});

test('vault signs in with a role, and gives its token back', async (t) => {
  const run = await shipped(t, 'vault');
  const log: string[] = [];
  const url = await serve(t, fakeVault(log));
  const spec = { url, role: 'role', secret_id: 'sid', path: 'app/db', secret_name: 'password' };
  assert.deepEqual((await run(spec)).exports, { password: 'two' });
  assert.deepEqual(log, [
    'POST /v1/auth/approle/login',
    'GET /v1/secret/data/app/db',
    'POST /v1/auth/token/revoke-self',
  ]);
});

test('vault says what is wrong and repeats nothing secret', async (t) => {
  const run = await shipped(t, 'vault');
  const url = await serve(t, fakeVault([]));
  const spec = { url, token: 'root', path: 'app/db', secret_name: 'password' };
  const cases: readonly [Job['spec'], RegExp][] = [
    [{ ...spec, token: 'top-secret' }, /answered 403 .*permission denied/],
    [{ ...spec, path: 'nowhere' }, /answered 404 .*nothing there/],
    [{ ...spec, secret_name: 'other' }, /app\/db holds no "other"/],
    [{ url, role: 'role', secret_id: 'top-secret', path: 'a', secret_name: 'b' }, /answered 400 .*role/],
    [{ url, path: 'a', secret_name: 'b' }, /either "token" is needed/],
    [{ ...spec, url: 'http://127.0.0.1:1' }, /cannot be reached/],
  ];
  for (const [wrong, message] of cases) {
    const { exit, log } = await run(wrong);
    assert.match(said(exit), message);
    assert.ok(!`${said(exit)}${log}`.includes('top-secret'));
  }
});

test('vault lets a program of one’s own fetch', async (t) => {
  const rig = new PluginRig(t);
  cpSync('plugins/vault.js', join(rig.plugins, 'vault.js'));
  const driver = rig.driver(await rig.load(), 'vault');
  const source = rig.write(
    '../fetch',
    '#!/bin/sh\necho "$VAULT_SECRET_NAME=from $VAULT_PATH" >> "$OUTPUT_FILE"\n',
    0o755,
  );
  const job = rig.job('vault', { path: 'app/db', secret_name: 'password', artifact: { source } });
  assert.deepEqual(await driver.run(job, new WatchedIO()), { kind: 'exited', code: 0 });
  assert.ok(existsSync(job.outputFile));
  assert.equal(readFileSync(job.outputFile, 'utf8'), 'password=from app/db\n');
  assert.equal(driver.confidential, true);
});

/** A notice of a run with one task that failed. */
function noticeOf(spec: Notice['spec']): Notice {
  const task = {
    id: 'deploy',
    status: 'failed',
    reason: 'exit_code',
    exit_code: 7,
    cached: false,
    attempts: 1,
  } as const;
  const deploy = { ...task, name: 'deploy', duration_ms: 5, outputs: {} };
  const ok = { ...deploy, id: 'ok', name: 'ok', status: 'success', reason: null, exit_code: 0 } as const;
  const times = { created_at: '2026-03-01T09:30:00Z', ended_at: '2026-03-01T09:30:05Z' };
  const end = { status: 'failed', reason: null, ...times, results: { ok, deploy } } as const;
  return {
    id: 'x/0',
    when: 'failure',
    spec,
    run: { id: 'x', number: 7, workflow: 'ops/ship', trigger: 'cron', ...end },
  };
}

test('webhook posts the end of a run, with a line for people and a signature', async (t) => {
  const rig = new PluginRig(t);
  cpSync('plugins/webhook.js', join(rig.plugins, 'webhook.js'));
  const [notifier] = (await rig.load()).notifiers;
  assert.ok(notifier);
  let status = 200;
  const seen: { request: IncomingMessage; body: string }[] = [];
  const url = await serve(t, (request, body, response) => {
    seen.push({ request, body });
    response.writeHead(status, { location: '/elsewhere' }).end('thanks');
  });
  const notice = noticeOf({ url, secret: 's3cret', headers: { 'x-team': 'core' } });
  await notifier.notify(notice);
  const [{ request, body } = assert.fail('nothing was posted')] = seen;
  assert.equal(request.method, 'POST');
  const { text, ...rest } = JSON.parse(body);
  assert.equal(text, 'ops/ship#7: failed: deploy (exit_code)');
  assert.deepEqual(rest, { id: notice.id, when: notice.when, run: notice.run });
  const signature = `sha256=${createHmac('sha256', 's3cret').update(body).digest('hex')}`;
  assert.equal(request.headers['x-runner-signature-256'], signature);
  assert.deepEqual([request.headers['x-team'], request.headers['x-runner-notice']], ['core', 'x/0']);

  await notifier.notify({
    ...noticeOf({ url }),
    when: 'recovery',
    run: { ...notice.run, status: 'success', results: {} },
  });
  assert.equal(JSON.parse(seen[1]?.body ?? '').text, 'ops/ship#7: success again');
  assert.equal(seen[1]?.request.headers['x-runner-signature-256'], undefined);
  status = 503;
  await assert.rejects(notifier.notify(notice), /the server answered 503/);
  status = 307;
  await assert.rejects(notifier.notify(notice), /the server answered 307/);
  assert.equal(seen.length, 4);
  await assert.rejects(notifier.notify(noticeOf({ url: 'http://127.0.0.1:1/' })), /ECONNREFUSED|bad port/);
});
