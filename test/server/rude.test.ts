import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ByteBudget } from '../../src/server/webhook/byte-budget.ts';
import { SECRET, type ServerRig, serverRig, signatureOf, TOKEN } from '../support/server-rig.ts';

const MIB = 1024 * 1024;
const HOOK = 'POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const SIGNED = `${HOOK}X-GitHub-Event: push\r\nX-GitHub-Delivery: 5f7e1c90-0000-11ef-8000-0123456789ab\r\nX-Hub-Signature-256: sha256=${'0'.repeat(64)}\r\n`;

async function lives(rig: ServerRig): Promise<void> {
  assert.equal((await rig.ask('/healthz', { token: null })).status, 200);
  assert.equal((await rig.ask('/healthz', { local: true })).status, 200);
}

function pushOf(size: number): Buffer {
  const head = '{"ref":"refs/heads/main","before":"0","after":"1","commits":[],"fill":"';
  return Buffer.from(`${head}${'x'.repeat(size - head.length - 2)}"}`);
}

test('a delivery of 25 MiB is taken, one byte more is not', async (t) => {
  const rig = await serverRig(t);
  assert.equal((await rig.deliver(pushOf(25 * MIB))).status, 202);
  assert.equal((await rig.deliver(pushOf(25 * MIB + 1))).status, 413);
  assert.equal(rig.control.deliveries.length, 1);
});

test('a body that says it is too long is refused before it comes', async (t) => {
  const rig = await serverRig(t);
  const text = await rig.raw(`${SIGNED}Content-Length: ${600 * MIB}\r\n\r\n`);
  assert.match(text, /^HTTP\/1.1 413 .*too-large/s);
  await lives(rig);
});

test('a chunked body without end is cut at the limit, and memory does not grow with it', async (t) => {
  const rig = await serverRig(t);
  const before = process.memoryUsage.rss();
  const socket = rig.socket();
  let text = '';
  socket.on('data', (part) => {
    text += String(part);
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(`${SIGNED}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from(`${MIB.toString(16)}\r\n`), Buffer.alloc(MIB, 'x'), Buffer.from('\r\n')]);
  let most = 0;
  const send = (): void => {
    most = Math.max(most, process.memoryUsage.rss());
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', send);
  send();
  await closed;
  assert.match(text, /^HTTP\/1.1 413 /);
  assert.ok(most - before < 150 * MIB, `${Math.round((most - before) / MIB)} MiB`);
  await lives(rig);
});

test('a client that goes away half way has no effect', async (t) => {
  const rig = await serverRig(t);
  for (const end of ['end', 'destroy', 'resetAndDestroy'] as const) {
    const socket = rig.socket();
    await once(socket, 'connect');
    await new Promise((sent) => socket.write(`${SIGNED}Content-Length: 100\r\n\r\n{"ref":`, sent));
    const closed = once(socket, 'close');
    socket[end]();
    socket.resume();
    await closed;
  }
  await lives(rig);
  assert.deepEqual(rig.control.deliveries, []);
  assert.deepEqual(
    rig.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

test('what is not well-formed HTTP is 400, and headers that are too long 431', async (t) => {
  const rig = await serverRig(t);
  const get = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';
  for (const broken of [
    `${SIGNED}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${SIGNED}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    `${SIGNED}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    'GET /health z HTTP/1.1\r\nHost: localhost\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    `${get}A\0b: c\r\n\r\n`,
    `${get}A : c\r\n\r\n`,
  ]) {
    assert.match(await rig.raw(broken), /^HTTP\/1.1 400 /, JSON.stringify(broken));
  }
  assert.match(await rig.raw(`${get}A: ${'x'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1.1 431 .*headers-too-large/s);
  await lives(rig);
});

test('a length that says too little makes no second request out of the rest', async (t) => {
  const rig = await serverRig(t);
  const body = pushOf(100);
  const smuggled = 'POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const text = await rig.raw(`${SIGNED}Content-Length: 10\r\n\r\n`, body, smuggled);
  assert.match(text, /^HTTP\/1.1 40[01] /);
  assert.doesNotMatch(text, /HTTP\/1.1 2/);
  assert.deepEqual(rig.control.calls, []);
});

test('whoever opens many connections and says nothing does not keep others out', async (t) => {
  const rig = await serverRig(t);
  const refused = Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const socket = rig.socket();
      let text = '';
      socket.on('data', (part) => {
        text += String(part);
      });
      await once(socket, 'connect');
      socket.write('GET /healthz HTTP/1.1\r\nHo');
      if (index < 32) return;
      await once(socket, 'close');
      assert.match(text, /^(HTTP\/1.1 503 .*Retry-After|$)/s);
    }),
  );
  await refused;
  assert.equal((await rig.ask('/api/v1/runs', { local: true })).status, 200, 'the socket');
  const other = connect({ port: rig.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  other.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const [answer] = await once(other, 'data');
  assert.match(String(answer), /^HTTP\/1.1 200 /, 'another address');
  other.destroy();
});

test('many programs may use the socket at once', async (t) => {
  const rig = await serverRig(t);
  const idle = Array.from({ length: 100 }, () => connect(rig.socketPath));
  t.after(() => {
    for (const socket of idle) socket.destroy();
  });
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  assert.equal((await rig.ask('/api/v1/runs', { local: true })).status, 200);
});

test('headers and bodies that do not come in time are given up', async (t) => {
  const rig = await serverRig(t, { limits: { headersMs: 50, requestMs: 100 } });
  assert.match(await rig.raw('GET /healthz HTTP/1.1\r\nHo'), /^HTTP\/1.1 408 .*timeout/s);
  assert.match(await rig.raw(`${SIGNED}Content-Length: 100\r\n\r\n{`), /^(HTTP\/1.1 408 |$)/);
  assert.deepEqual(rig.control.deliveries, []);
});

test('requests in one packet are answered in their order', async (t) => {
  const rig = await serverRig(t);
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
  const text = await rig.raw(get('/healthz') + get('/readyz') + get('/nothing', 'Connection: close\r\n'));
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status),
    ['200', '200', '401'],
  );
});

test('an answer to a body that nobody reads arrives before the connection ends', async (t) => {
  const rig = await serverRig(t);
  const body = pushOf(8 * MIB);
  for (const [path, headers, status] of [
    ['/api/v1/workflows/a/runs', { 'content-type': 'application/json' }, 413],
    ['/api/v1/workflows/a/runs', { 'content-type': 'text/plain' }, 415],
    ['/healthz', { 'content-type': 'application/json' }, 405],
  ] as const) {
    assert.equal((await rig.ask(path, { method: 'POST', headers, body })).status, status);
  }
  assert.equal((await rig.ask('/api/v1/runs', { method: 'POST', token: null, body })).status, 401);
});

test('the socket belongs to its owner alone and goes with the server', async (t) => {
  const rig = await serverRig(t);
  assert.equal(statSync(rig.socketPath).mode & 0o777, 0o600);
  await rig.server.close();
  assert.equal(statSync(rig.socketPath, { throwIfNoEntry: false }), undefined);
});

test('a few large bodies are in memory at once, small ones pass by', async () => {
  const budget = new ByteBudget(2 * MIB);
  const order: string[] = [];
  const [first, second] = [await budget.take(MIB), await budget.take(MIB)];
  const third = budget.take(2 * MIB).then((room) => {
    order.push('third');
    return room;
  });
  const fourth = budget.take(MIB).then(() => order.push('fourth'));
  (await budget.take(1024)).leave();
  order.push('small');
  first.leave();
  await new Promise(setImmediate);
  assert.deepEqual(order, ['small']);
  second.leave();
  (await third).leave();
  await fourth;
  assert.deepEqual(order, ['small', 'third', 'fourth']);
});

test('secrets and tokens are in no answer and in no line of the log', async (t) => {
  const rig = await serverRig(t);
  await rig.deliver(pushOf(100), { 'x-hub-signature-256': signatureOf('x') });
  const replies = [await rig.ask('/nothing'), await rig.ask('/api/v1/runs?limit=x'), await rig.ask('/metrics')];
  const told = JSON.stringify([rig.logged, replies.map(({ text }) => text)]);
  for (const secret of [TOKEN, SECRET]) assert.ok(!told.includes(secret));
});
