import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/util/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type ServerRig, serverRig, TOKEN } from '../support/server-rig.ts';

/** Every path of the API, with names filled in. */
const PATHS: readonly (readonly [method: string, path: string])[] = [
  ...[
    'workflows',
    'workflows/a',
    'workflows/a/next',
    'next',
    'runs',
    'runs/r',
    'runs/r/definition',
    'runs/r/tasks/t',
  ].map(get),
  ...['runs/r/tasks/t/log', 'firings', 'audit', 'secrets', 'doctor', 'status', 'events', 'openapi.json'].map(get),
  ...['workflows/a/runs', 'workflows/a/pause', 'workflows/a/resume', 'pause', 'resume', 'drain'].map(post),
  ...['runs/r/cancel', 'runs/r/rerun', 'runs/r/tasks/t/cancel', 'prune', 'backup', 'rekey'].map(post),
  ['PUT', '/api/v1/secrets/s'],
  ['DELETE', '/api/v1/secrets/s'],
  ['GET', '/metrics'],
];

/** Ways to write a path so that two readers might take it for different ones. */
const ODD: readonly ((path: string) => string)[] = [
  (path) => `/${path}`,
  (path) => `${path};.js`,
  (path) => `${path};/healthz`,
  (path) => `${path}/`,
  (path) => `${path}%00`,
  (path) => `${path}%2f..%2f..%2fhealthz`,
  (path) => `/healthz/..${path}`,
  (path) => `/healthz%2f..${path}`,
  (path) => `/webhooks/github/../../..${path}`,
  (path) => `/webhooks/..%2f${path}`,
  (path) => `/.${path}`,
  (path) => path.replaceAll('/', '//'),
  (path) => path.replaceAll('/', '%2f'),
  (path) => path.replaceAll('/', '\\'),
  (path) => path.toUpperCase(),
  (path) => `${path}?token=${TOKEN}`,
  (path) => `${path}%`,
  (path) => `${path}%ff`,
  (path) => `http://localhost${path}`,
  (path) => `http://localhost/healthz?x=${path}`,
  (path) => `${path}#/healthz`,
];

test('no way of writing a path gets past the token', async (t) => {
  let minutes = 0;
  // A minute passes between any two requests, so that no answer is held back.
  const rig = await serverRig(t, { clock: { ...systemClock, monotonic: () => ++minutes * 60_000 } });
  for (const [method, path] of PATHS) {
    for (const write of [(same: string) => same, ...ODD]) {
      for (const shown of ['', 'Authorization: Bearer wrong\r\n', 'Authorization: Basic eDp5\r\n']) {
        const status = await statusOf(rig, method, write(path), shown);
        assert.ok([400, 401, 429].includes(status), `${method} ${write(path)} ${shown}: ${status}`);
      }
    }
  }
  assert.deepEqual(rig.control.calls, []);
});

test('with the token an odd path is answered like any other, and reaches nothing that it should not', async (t) => {
  const rig = await serverRig(t);
  for (const [method, path] of PATHS.filter(([, name]) => !name.endsWith('/events'))) {
    for (const write of ODD) {
      const status = await statusOf(rig, method, write(path), `Authorization: Bearer ${TOKEN}\r\n`);
      assert.ok(status < 500 && status >= 200, `${method} ${write(path)}: ${status}`);
    }
  }
  for (const call of rig.control.calls) assert.doesNotMatch(JSON.stringify(call), /healthz\/|\/api\/v1/);
});

test('every path of the API lets the token in, and the socket without one', async (t) => {
  const rig = await serverRig(t);
  for (const [method, path] of PATHS.filter(([, name]) => !name.endsWith('/events'))) {
    const [tcp, local] = [await rig.ask(path, { method }), await rig.ask(path, { method, local: true })];
    assert.ok(![401, 403, 404, 405, 421].includes(tcp.status), `${method} ${path}: ${tcp.status}`);
    assert.equal(local.status, tcp.status);
  }
});

test('the list of paths in this test is the list of routes', async (t) => {
  const rig = await serverRig(t);
  const { paths } = (await rig.ask('/api/v1/openapi.json')).json as { paths: Record<string, object> };
  const named = Object.entries(paths).flatMap(([url, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${url.replaceAll(/\{(\w)\w*\}/g, filledIn(url))}`),
  );
  const open = ['GET /healthz', 'GET /readyz', 'POST /webhooks/github', 'GET /api/v1/openapi.json'];
  const here = PATHS.map(([method, path]) => `${method} ${path}`);
  assert.deepEqual([...named, 'GET /api/v1/openapi.json'].sort(), [...new Set([...here, ...open])].sort());
});

test('the name of another host is refused on every path, the open ones too', async (t) => {
  const rig = await serverRig(t);
  for (const path of ['/healthz', '/readyz', '/webhooks/github', '/api/v1/runs', '/', '/nothing']) {
    for (const host of ['evil.example', 'localhost.evil.example', 'evil.example:80', 'runner.example.', '[::2]', '0']) {
      const reply = await rig.ask(path, { headers: { host } });
      assert.equal(reply.status, 421, `${host} ${path}`);
    }
  }
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:8420', '[::1]:8420', 'Runner.Example']) {
    assert.equal((await rig.ask('/api/v1/runs', { headers: { host } })).status, 200, host);
  }
});

test('a Host header that is missing, doubled or no name is 400', async (t) => {
  const rig = await serverRig(t);
  const end = 'Connection: close\r\n\r\n';
  for (const head of [
    '',
    'Host: localhost\r\nHost: localhost\r\n',
    'Host: \r\n',
    'Host: a b\r\n',
    'Host: u@localhost\r\n',
  ]) {
    assert.match(await rig.raw(`GET /healthz HTTP/1.1\r\n${head}${end}`), /^HTTP\/1.1 400 .*bad-host/s, head);
  }
  assert.match(await rig.raw(`GET /healthz HTTP/1.0\r\n\r\n`), /^HTTP\/1.1 400 .*bad-host/s);
});

test('only pages of this server may send requests', async (t) => {
  const rig = await serverRig(t);
  const own = `127.0.0.1:${rig.port}`;
  const from = async (origin: string, path = '/api/v1/pause') =>
    (await rig.ask(path, { method: path.endsWith('pause') ? 'POST' : 'GET', headers: { origin } })).status;
  assert.equal(await from(`http://${own}`), 204);
  for (const origin of ['http://evil.example', 'null', 'http://localhost', `http://${own}.evil.example`, 'file://']) {
    assert.equal(await from(origin), 403, origin);
    assert.equal(await from(origin, '/api/v1/events'), 403, origin);
  }
});

test('whoever guesses tokens waits longer and longer, and the owner does not', async (t) => {
  const clock = new FakeClock();
  const rig = await serverRig(t, { clock });
  for (let guess = 1; guess <= 10; guess++)
    assert.equal((await rig.ask('/metrics', { token: `no${guess}` })).status, 401);
  const held = rig.ask('/metrics', { token: 'no11' });
  assert.equal((await rig.ask('/api/v1/runs')).status, 200, 'the right token from the same address');
  while (clock.waiting === 0) await new Promise(setImmediate);
  clock.advance(1_000);
  const reply = await held;
  assert.deepEqual([reply.status, reply.headers['retry-after']], [429, '60']);
  clock.advance(60_000);
  assert.equal((await rig.ask('/metrics', { token: 'no12' })).status, 401);
});

test('a path nobody knows is 404, a method a path does not take is 405 and says which it takes', async (t) => {
  const rig = await serverRig(t);
  for (const path of ['/', '/api', '/api/v1', '/api/v2/runs', '/api/v1/Runs', '/api/v1/runs/r/', '/index.html']) {
    const reply = await rig.ask(path);
    assert.deepEqual([reply.status, (reply.json as { code: string }).code], [404, 'not-found'], path);
  }
  for (const [method, path, allow] of [
    ['DELETE', '/api/v1/runs', 'GET'],
    ['HEAD', '/api/v1/runs', 'GET'],
    ['GET', '/webhooks/github', 'POST'],
    ['POST', '/healthz', 'GET'],
    ['PATCH', '/api/v1/secrets/a', 'PUT, DELETE'],
  ] as const) {
    const reply = await rig.ask(path, { method, headers: { 'content-type': 'text/plain' } });
    assert.deepEqual([reply.status, reply.headers.allow], [405, allow], `${method} ${path}`);
  }
});

test('an answer of any kind tells browsers to keep it and run nothing', async (t) => {
  const rig = await serverRig(t);
  for (const path of ['/healthz', '/api/v1/runs', '/nothing', '/api/v1/runs?limit=0', '/metrics', '/%']) {
    for (const token of [TOKEN, null]) {
      const { headers } = await rig.ask(path, { token });
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['cache-control'], 'no-store', path);
      assert.match(String(headers['content-security-policy']), /default-src 'none'/, path);
      assert.equal(headers['access-control-allow-origin'], undefined, path);
    }
  }
});

function get(path: string): [string, string] {
  return ['GET', `/api/v1/${path}`];
}

function post(path: string): [string, string] {
  return ['POST', `/api/v1/${path}`];
}

/** How this test fills in the parameter of a path: `:id` of a workflow is `a`, of a run `r`, and so on. */
function filledIn(url: string): (whole: string, first: string) => string {
  return (_whole, first) => (first === 'i' ? (url.includes('/workflows/') ? 'a' : 'r') : first === 'n' ? 's' : first);
}

async function statusOf(rig: ServerRig, method: string, path: string, header: string): Promise<number> {
  const text = await rig.raw(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}\r\n`);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
}
