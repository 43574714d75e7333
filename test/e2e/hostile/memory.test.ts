import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { siteWorkflow } from '../../support/github-bodies.ts';
import { Siege, taken } from '../../support/siege.ts';

const LIMIT = { timeout: 180_000 };
const MIB = 1024 * 1024;

/** A push of as many commits as fit into so many bytes. */
function largePush(bytes: number): Buffer {
  const person = { name: 'Some One', email: 'someone@site.example', username: 'someone' };
  const commit = JSON.stringify({
    id: 'a'.repeat(40),
    tree_id: 'b'.repeat(40),
    message: 'What was done and why. '.repeat(10),
    timestamp: '2026-01-02T03:04:05+01:00',
    url: `https://github.com/acme/site/commit/${'a'.repeat(40)}`,
    author: person,
    committer: person,
    added: ['src/added.ts'],
    modified: ['src/one.ts', 'src/other.ts'],
  });
  const facts = {
    before: '0'.repeat(40),
    after: '1'.repeat(40),
    repository: { full_name: 'acme/site' },
    note: randomUUID(),
  };
  const head = `${JSON.stringify({ ref: 'refs/heads/main', ...facts }).slice(0, -1)},"commits":[`;
  const count = Math.floor((bytes - head.length - 2) / (commit.length + 1));
  return Buffer.from(`${head}${Array.from({ length: count }, () => commit).join()}]}`);
}

test('payloads as large as they come do not add up in memory', LIMIT, async (t) => {
  const count = 'wc -c < "$RUNNER_EVENT_PATH"';
  const siege = await Siege.begin(t, { large: siteWorkflow(count) });
  const sent = Array.from({ length: 3 }, () => siege.deliver({ event: 'push', body: largePush(25 * MIB) }));
  for (const answer of await Promise.all(sent)) {
    const [run = ''] = taken(answer);
    assert.equal((await siege.daemon.wait(run)).status, 'success');
    assert.ok(Number(await siege.logOf(run, 'look')) > 25_000_000);
  }
  siege.sandbox.write('large', siteWorkflow('echo {{ trigger.payload.commits.[7].modified.[1] }}'));
  await siege.daemon.said('workflow changed');
  const [run = ''] = taken(await siege.deliver({ event: 'push', body: largePush(25 * MIB) }));
  assert.equal((await siege.daemon.wait(run)).status, 'success');
  assert.equal(await siege.logOf(run, 'look'), 'src/other.ts\n');
  await siege.survived();
});

test('a body of nothing but values is refused before they take memory', LIMIT, async (t) => {
  const siege = await Siege.begin(t);
  const body = `{"ref":"x","before":"x","after":"x","commits":[${'{"a":1},'.repeat(3 * MIB)}0]}`;
  const answer = await siege.deliver({ event: 'push', body });
  assert.deepEqual([answer.status, answer.body.code], [400, 'bad-delivery']);
  await siege.survived();
});

/** Tasks that print much, and one line as long as all of it. */
const LOUD = `
taskGroup:
  - { name: lines, run: "head -c 300M /dev/zero | tr '\\\\0' 'x' | fold -w 200" }
  - { name: line, run: "head -c 300M /dev/zero | tr '\\\\0' 'y'" }
`;

test(
  'output without end, a reader that does not read and slow connections cost the daemon nothing',
  LIMIT,
  async (t) => {
    const siege = await Siege.begin(t, { loud: LOUD });
    const sockets = slowConnections(siege, 200);
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    const deaf = connect(Number(new URL(siege.daemon.address).port), '127.0.0.1').on('error', () => undefined);
    sockets.push(deaf);
    deaf.write(
      `GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${siege.sandbox.token}\r\n\r\n`,
    );
    deaf.pause();
    const run = await siege.daemon.run('loud');
    let isOver = false;
    const over = siege.daemon.wait(run).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const asked = performance.now();
      assert.equal((await siege.daemon.ask('GET', '/healthz')).status, 200);
      assert.ok(performance.now() - asked < 2_000, 'healthz took too long');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal((await over).status, 'success');
    await siege.survived();
  },
);

function slowConnections(siege: Siege, count: number): Socket[] {
  const port = Number(new URL(siege.daemon.address).port);
  return Array.from({ length: count }, (_, index) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (index % 8)}` });
    socket.on('error', () => undefined);
    return socket.write('POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nX-Slow: ') && socket;
  }).filter((socket) => socket !== false);
}
