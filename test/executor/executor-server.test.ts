import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { reachExecutor } from '../../src/executor/executor-place.ts';
import { serveExecutor } from '../../src/executor/executor-server.ts';
import { decodeMessage, encode, type Message, type Request, VERSION } from '../../src/executor/protocol.ts';
import { FrameSplitter } from '../../src/util/frames.ts';
import { ExecutorRig } from '../support/executor-rig.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const IDLE_MS = 60_000;

/** An executor in this process, whose time stands still. */
class ServerRig {
  readonly folder: string;
  readonly clock = new FakeClock();
  readonly leave = new AbortController();

  readonly #t: TestContext;

  /** `folder` may be another rig's. */
  constructor(t: TestContext, folder = join(temporaryFolder(t), 'executor')) {
    this.#t = t;
    this.folder = folder;
    t.after(() => this.leave.abort());
  }

  /** Resolves once it can be reached, with the promise of its end. */
  async serve(): Promise<{ readonly over: Promise<boolean> }> {
    let over: Promise<boolean> = Promise.resolve(false);
    await new Promise<void>((ready) => {
      const { folder, clock } = this;
      over = serveExecutor({ folder, clock, idleMs: IDLE_MS, signal: this.leave.signal, ready });
      over.then(() => ready());
    });
    return { over };
  }

  async connect(): Promise<Line> {
    const socket = await reachExecutor(this.folder);
    assert.ok(socket);
    this.#t.after(() => socket.destroy());
    return new Line(socket);
  }
}

class Line {
  readonly socket: Socket;
  readonly #splitter = new FrameSplitter();
  readonly #messages: Message[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#messages.push(...this.#splitter.push(chunk).map(decodeMessage)));
  }

  async ask(request: Request): Promise<Message | undefined> {
    this.socket.write(encode(request));
    await until(() => this.#messages.length > 0);
    return this.#messages.shift();
  }
}

test('an executor that nobody needs ends by itself', async (t) => {
  const rig = new ServerRig(t);
  const { over } = await rig.serve();
  const line = await rig.connect();
  assert.deepEqual(await line.ask({ type: 'hello', version: VERSION, pid: 1 }), {
    type: 'welcome',
    version: VERSION,
    pid: process.pid,
  });
  assert.equal(rig.clock.waiting, 0);
  line.socket.destroy();
  await until(() => rig.clock.waiting === 1);
  rig.clock.advance(IDLE_MS);
  assert.equal(await over, true);
  assert.equal(await reachExecutor(rig.folder), null);
});

test('an executor that is asked to leave waits for its client', async (t) => {
  const rig = new ServerRig(t);
  const { over } = await rig.serve();
  const line = await rig.connect();
  await line.ask({ type: 'hello', version: VERSION, pid: 1 });
  rig.leave.abort();
  assert.equal((await line.ask({ type: 'list', id: 1 }))?.type, 'listed');
  line.socket.destroy();
  assert.equal(await over, true);
});

test('there is one executor at a time, and each takes the place of a dead one', async (t) => {
  const rig = new ServerRig(t);
  const { over } = await rig.serve();
  assert.equal(await (await rig.serve()).over, false);
  rig.leave.abort();
  await over;
  await new ServerRig(t, rig.folder).serve();
  assert.deepEqual(
    readdirSync(join(rig.folder, `v${VERSION}`)).filter((name) => !name.startsWith('e')),
    ['socket.2'],
  );
});

test('nonsense ends the line with words, and nothing else', async (t) => {
  const rig = new ServerRig(t);
  await rig.serve();
  const line = await rig.connect();
  const closed = once(line.socket, 'close');
  line.socket.write(Buffer.from([0, 0, 0, 1, 0x7b]));
  await closed;
  assert.equal((await (await rig.connect()).ask({ type: 'list', id: 1 }))?.type, 'listed');
});

test('a task that an executor of another version may be seeing out is waited for, and ended only by wish', async (t) => {
  const rig = new ExecutorRig(t);
  const handle = await rig.abandon('a', 'echo ready; sleep 1000');
  await rig.printed('a', 'ready');
  // Another version answers from now on; the task's own executor is taken away under it.
  const foreign = createServer((socket) => socket.destroy());
  mkdirSync(join(rig.executorFolder, 'v0'));
  foreign.listen(join(rig.executorFolder, 'v0', 'socket.1'));
  t.after(() => foreign.close());
  await rig.killExecutors();
  const client = await rig.connect();
  const io = rig.io('a');
  let isOver = false;
  const attended = client.attend(rig.mark('a'), handle, io).finally(() => {
    isOver = true;
  });
  await client.list();
  await client.sweep('NOTHING=1');
  assert.deepEqual([isOver, rig.strays('a').length > 0], [false, true]);
  io.end(0);
  const exit = await attended;
  assert.equal(exit.kind === 'failed' && exit.reason, 'lost');
  assert.deepEqual(rig.strays('a'), []);
});
