import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ResultStore } from '../../src/model/store.ts';
import { SharedStore } from '../../src/store/shared-store.ts';
import { serveStore } from '../../src/store/store-server.ts';
import { systemClock } from '../../src/util/clock.ts';
import { storeContract } from '../contract/store.ts';
import { serversOf, sharedStore, storeFolder } from '../support/store-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOBODY = { argv: ['/bin/false'], env: {} } as const;
const key = Buffer.from('k');
const { signal } = new AbortController();

storeContract('shared store', async (t) => (await servedHere(t)).client());

test('two clients see the same values and wait for each other', async (t) => {
  const served = await servedHere(t);
  const [one, two] = [served.client(), served.client()];
  await one.put([{ key, value: Buffer.from('v') }]);
  assert.equal(String(await two.get(key)), 'v');
  const lease = await one.lease(key, signal);
  const waiting = two.lease(key, signal);
  lease.release();
  (await waiting).release();
});

test('a client that goes away gives up its leases', async (t) => {
  const served = await servedHere(t);
  const [one, two] = [served.client(), served.client()];
  await one.lease(key, signal);
  const waiting = two.lease(key, signal);
  await one.close();
  (await waiting).release();
});

test('a server ends when nobody has been there for a while', async (t) => {
  const served = await servedHere(t, 50);
  const client = served.client();
  assert.equal(await client.get(key), null);
  await client.close();
  assert.equal(await served.end, true);
  assert.deepEqual(readdirSync(served.folder), ['db']);
});

test('a server that can no longer be found ends, though it may be idle for longer', async (t) => {
  const served = await servedHere(t);
  writeFileSync(join(served.folder, 'other'), '');
  renameSync(join(served.folder, 'other'), join(served.folder, 'socket'));
  assert.equal(await served.end, true);
});

test('a store can be served in a folder with a path too long for a socket', async (t) => {
  const served = await servedHere(t, 60_000, 'd'.repeat(150));
  await served.client().put([{ key, value: key }]);
  assert.equal(String(await served.client().get(key)), 'k');
});

test('only the first of many servers serves', async (t) => {
  const folder = storeFolder(t);
  const clients = Array.from({ length: 4 }, () => sharedStore(t, folder));
  await Promise.all(clients.map((client, index) => client.put([{ key: Buffer.from(`k${index}`), value: key }])));
  for (const index of [0, 1, 2, 3]) assert.equal(String(await clients[3 - index]?.get(Buffer.from(`k${index}`))), 'k');
  await eventually(() => assert.equal(serversOf(folder).length, 1));
});

test('a store process that was killed is replaced, its socket too, and what it took is kept', async (t) => {
  const folder = storeFolder(t);
  const client = sharedStore(t, folder);
  await client.put([{ key, value: Buffer.from('v') }]);
  for (const pid of serversOf(folder)) process.kill(pid, 'SIGKILL');
  assert.equal(String(await client.get(key)), 'v');
  assert.equal(String(await sharedStore(t, folder).get(key)), 'v');
});

test('a store process is private, and holds no folder or variable of who started it', async (t) => {
  const folder = storeFolder(t);
  await sharedStore(t, folder).put([{ key, value: key }]);
  const [pid = 0] = serversOf(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, 'socket')).mode & 0o777, 0o600);
  assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
  assert.equal(readFileSync(`/proc/${pid}/environ`, 'utf8'), 'HOME=/nowhere\0');
  const [, , , , , session] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  assert.equal(session, String(pid));
});

test('a store that cannot be started says why, once and for all', async (t) => {
  const folder = join(temporaryFolder(t), 'store');
  const complaint = { argv: ['/bin/sh', '-c', 'echo "no room for a store" >&2; exit 3'], env: {} } as const;
  const store = new SharedStore({ folder, command: complaint, clock: systemClock });
  await assert.rejects(store.get(key), /ended with 3: no room for a store/);
  await assert.rejects(store.get(key), /ended with 3: no room for a store/);
});

test('a server that speaks another language is told so', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(folder, { recursive: true });
  const server = createServer((socket) => socket.end('runner-store 999\n')).listen(join(folder, 'socket'));
  await once(server, 'listening');
  t.after(() => server.close());
  const store = new SharedStore({ folder, command: NOBODY, clock: systemClock });
  await assert.rejects(store.get(key), /another version/);
});

test('a damaged database is made anew', async (t) => {
  const first = await servedHere(t, 50);
  await first.client().put([{ key, value: key }]);
  await first.stop();
  for (const name of readdirSync(join(first.folder, 'db'))) {
    if (name.startsWith('MANIFEST')) writeFileSync(join(first.folder, 'db', name), 'nonsense');
  }
  const second = await serveFolder(t, first.folder, 60_000);
  assert.equal(await second.client().get(key), null);
});

test('a store that nobody asks is tidied before it is left, and goes on for who comes meanwhile', async (t) => {
  const folder = join(temporaryFolder(t), 'store');
  const steps = new EventEmitter();
  const [begun, finish] = [once(steps, 'begun'), once(steps, 'finish')];
  let times = 0;
  const server = await serveFolder(t, folder, 50, async (store) => {
    if (++times > 1) return;
    await store.put([{ key, value: key }]);
    steps.emit('begun');
    await finish;
  });
  await begun;
  const client = server.client();
  assert.deepEqual(Buffer.from((await client.get(key)) ?? []), Buffer.from(key));
  steps.emit('finish');
  assert.deepEqual(Buffer.from((await client.get(key)) ?? []), Buffer.from(key));
  await client.close();
  assert.equal(await server.end, true);
  assert.equal(times, 2);
});

async function servedHere(t: TestContext, idleMs = 60_000, below = '') {
  return serveFolder(t, join(temporaryFolder(t), below, 'store'), idleMs);
}

/** A server in this process, and its clients; all end with the test. */
async function serveFolder(t: TestContext, folder: string, idleMs: number, tidy = async (_store: ResultStore) => {}) {
  const stopping = new AbortController();
  let end: Promise<boolean> = Promise.resolve(false);
  await new Promise<void>((ready, failed) => {
    end = serveStore({ folder, clock: systemClock, idleMs, signal: stopping.signal, ready, tidy });
    end.catch(failed);
  });
  const stop = (): Promise<boolean> => {
    stopping.abort();
    return end;
  };
  t.after(stop);
  const client = (): SharedStore => {
    const store = new SharedStore({ folder, command: NOBODY, clock: systemClock });
    t.after(() => store.close());
    return store;
  };
  return { folder, end, stop, client };
}

/** Tries until it holds; processes end in their own time. */
async function eventually(check: () => void): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return check();
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
