import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { FakeClock } from '../support/fake-clock.ts';
import { LIVE_EVENT } from '../support/memory-control.ts';
import { type ServerRig, serverRig, TOKEN } from '../support/server-rig.ts';

/** A client of the stream of events: what it has got, and a way to wait for more. */
class Follower {
  readonly #socket;
  text = '';

  constructor(rig: ServerRig, query = '', header = '') {
    this.#socket = rig.socket();
    this.#socket.write(
      `GET /api/v1/events${query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n${header}\r\n`,
    );
    this.#socket.on('data', (part) => {
      this.text += String(part);
    });
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) await once(this.#socket, 'data');
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async leave(): Promise<void> {
    this.#socket.destroy();
    await once(this.#socket, 'close');
  }

  async end(): Promise<void> {
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  /** Numbers of the events that came. */
  get numbers(): number[] {
    return [...this.text.matchAll(/^data: .*"workflow":"w(\d+)/gm)].map(([, number]) => Number(number));
  }

  /** The id behind which the next follower goes on. */
  get lastId(): string {
    return [...this.text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] ?? '';
  }
}

function emit(rig: ServerRig, from: number, to: number, fill = ''): void {
  for (let number = from; number <= to; number++) {
    rig.control.emit({ ...LIVE_EVENT, workflow: `w${number}`, status: fill });
  }
}

test('events come as they happen, each with a type and an id', async (t) => {
  const rig = await serverRig(t);
  emit(rig, 1, 2);
  const follower = new Follower(rig);
  await follower.until(/event: ready/);
  rig.control.emit({ ...LIVE_EVENT, workflow: 'w3\nevent: evil' });
  emit(rig, 4, 4);
  await follower.until(/w4/);
  assert.match(follower.text, /^HTTP\/1.1 200 OK\r\n.*content-type: text\/event-stream/s);
  assert.deepEqual(follower.numbers, [3, 4]);
  assert.match(follower.text, /\nid: \w+\.3\nevent: task-ended\ndata: \{"type":"task-ended",.*\}\n\n/);
  assert.doesNotMatch(follower.text, /^event: evil/m);
});

test('whoever comes back gets what it missed, by the query or by the header, and nothing twice', async (t) => {
  const rig = await serverRig(t);
  const first = new Follower(rig);
  await first.until(/event: ready/);
  emit(rig, 1, 2);
  await first.until(/w2/);
  await first.leave();
  emit(rig, 3, 5);
  for (const follower of [
    new Follower(rig, `?since=${first.lastId}`),
    new Follower(rig, '?since=old.1', `Last-Event-ID: ${first.lastId}\r\n`),
  ]) {
    await follower.until(/w5/);
    assert.deepEqual(follower.numbers, [3, 4, 5]);
    assert.doesNotMatch(follower.text, /event: gap/);
  }
});

test('an id of an earlier daemon, or no id at all, is a gap of unknown size', async (t) => {
  const rig = await serverRig(t);
  emit(rig, 1, 2);
  for (const id of ['earlier.1', 'nonsense', '1', '__proto__']) {
    const follower = new Follower(rig, `?since=${id}`);
    await follower.until(/w2/);
    assert.match(follower.text, /event: gap\ndata: \{"missed":null\}/, id);
    assert.deepEqual(follower.numbers, [1, 2]);
  }
});

test('whoever was away for longer than events are kept is told how many are missing', async (t) => {
  const rig = await serverRig(t, { limits: { keptEvents: 10 } });
  const first = new Follower(rig);
  await first.until(/event: ready/);
  emit(rig, 1, 25);
  const second = new Follower(rig, `?since=${first.lastId.replace(/\.\d+$/, '.0')}`);
  await second.until(/w25/);
  assert.match(second.text, /event: gap\ndata: \{"missed":15\}/);
  assert.deepEqual(second.numbers, [16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
});

test('a client that does not read costs no memory and learns what it missed', async (t) => {
  const rig = await serverRig(t, { limits: { keptEvents: 1_000 } });
  const follower = new Follower(rig);
  await follower.until(/event: ready/);
  follower.pause();
  const fill = 'x'.repeat(2_000);
  const before = process.memoryUsage.rss();
  const total = 100_000;
  for (let sent = 0; sent < total; sent += 1_000) {
    emit(rig, sent + 1, sent + 1_000, fill);
    await new Promise(setImmediate);
  }
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 100 * 1024 * 1024, `${grown} bytes for 200 MB of events`);
  follower.resume();
  await follower.until(/"w100000"/);
  const missed = [...follower.text.matchAll(/"missed":(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  assert.ok(missed > 0);
  assert.equal(follower.numbers.length + missed, total);
  assert.match(await rig.metrics.print(rig.control), new RegExp(`runner_events_missed_total ${missed}\n`));
});

test('only so many can follow at once, and a place is free again when one leaves', async (t) => {
  const rig = await serverRig(t, { limits: { streams: 2 } });
  const [first, second] = [new Follower(rig), new Follower(rig)];
  await Promise.all([first.until(/ready/), second.until(/ready/)]);
  const third = new Follower(rig);
  await third.until(/"busy"/);
  assert.match(third.text, /^HTTP\/1.1 503 /);
  await first.leave();
  while (!(await rig.metrics.print(rig.control)).includes('runner_event_clients 1\n')) await new Promise(setImmediate);
  await new Follower(rig).until(/ready/);
});

test('a silent stream shows that it is alive', async (t) => {
  const clock = new FakeClock(1);
  const rig = await serverRig(t, { clock });
  const follower = new Follower(rig);
  await follower.until(/ready/);
  clock.advance(15_000);
  await follower.until(/: alive\n\n/);
  clock.advance(15_000);
  await follower.until(/: alive\n\n.*: alive\n\n/s);
});

test('a server that closes ends its streams at once', async (t) => {
  const rig = await serverRig(t, { clock: new FakeClock(1) });
  const follower = new Follower(rig);
  await follower.until(/ready/);
  await rig.server.close();
  await follower.end();
});
