import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeDaemon, sendNothing } from '../support/fake-daemon.ts';

async function start(t: Parameters<typeof FakeDaemon.start>[0]): Promise<FakeDaemon> {
  const daemon = await FakeDaemon.start(t);
  return daemon
    .on('PUT secrets/KEY', sendNothing)
    .on('DELETE secrets/KEY', sendNothing)
    .on('GET status', () => ({}));
}

test('secret set sends what stdin holds, without one newline at its end', async (t) => {
  const daemon = await start(t);
  const values = [
    ['sesame\n', 'sesame'],
    ['a\nb\r\n', 'a\nb'],
    ['a\n\n', 'a\n'],
    ['kä\u{1f511}', 'kä\u{1f511}'],
  ] as const;
  for (const [stdin, value] of values) {
    const { code, out, err } = await daemon.runner(['secret', 'set', 'KEY'], { stdin });
    assert.deepEqual({ code, out, err }, { code: 0, out: 'secret KEY is set (global)\n', err: '' });
    assert.deepEqual(daemon.requests.at(-1)?.body, { value });
  }
});

test('secret set refuses what can be no value, and sends nothing', async (t) => {
  const daemon = await start(t);
  const values = ['', '\n', 'a\0b', Buffer.from([0xff, 0xfe]), Buffer.alloc(200_000, 'x')];
  for (const stdin of values) {
    const { code, err } = await daemon.runner(['secret', 'set', 'KEY'], { stdin });
    assert.equal(code, 2);
    assert.match(err, /^runner secret: the value /);
  }
  assert.deepEqual(daemon.requestsOf('PUT secrets/KEY'), []);
});

test('secret set asks on a terminal without showing what is typed; giving up exits with 130', async (t) => {
  const daemon = await start(t);
  const questions: string[] = [];
  const asking = (answer: string | null) => async (question: string) => {
    questions.push(question);
    return answer;
  };
  const typed = await daemon.runner(['secret', 'set', 'KEY'], { askHidden: asking('sesame') });
  assert.equal(typed.code, 0);
  assert.deepEqual(daemon.requests.at(-1)?.body, { value: 'sesame' });
  assert.ok(!typed.out.includes('sesame'));
  const given = await daemon.runner(['secret', 'set', 'KEY'], { askHidden: asking(null) });
  assert.equal(given.code, 130);
  assert.equal(daemon.requestsOf('PUT secrets/KEY').length, 1);
  assert.deepEqual(questions, Array(2).fill('Value of KEY (it is not shown): '));
});

test('a value on the command line is refused', async (t) => {
  const daemon = await start(t);
  for (const words of [['set', 'KEY', 'sesame'], ['set'], ['delete'], ['list', 'KEY'], ['rotate', 'KEY']]) {
    assert.equal((await daemon.runner(['secret', ...words])).code, 2, words.join(' '));
  }
  assert.deepEqual(daemon.requests, []);
});

test('secrets belong to all, to a workflow or to a namespace, and may be narrowed', async (t) => {
  const daemon = await start(t);
  await daemon.runner(['secret', 'set', 'KEY', '--workflow', 'ops/a', '--allow', 'ops/*', '--allow', 'x'], {
    stdin: 'v',
  });
  assert.deepEqual(daemon.requests.at(-1)?.body, { value: 'v', workflow: 'ops/a', allow: ['ops/*', 'x'] });
  await daemon.runner(['secret', 'set', 'KEY', '--namespace', 'ops'], { stdin: 'v' });
  assert.deepEqual(daemon.requests.at(-1)?.body, { value: 'v', namespace: 'ops' });
  const removed = await daemon.runner(['secret', 'delete', 'KEY', '--namespace', 'ops']);
  assert.deepEqual(daemon.requests.at(-1)?.query, { scope: 'namespace:ops' });
  assert.equal(removed.out, 'secret KEY is deleted (namespace:ops)\n');
  const both = await daemon.runner(['secret', 'set', 'KEY', '--namespace', 'a', '--workflow', 'b'], { stdin: 'v' });
  assert.equal(both.code, 2);
});

test('secret list shows names and scopes', async (t) => {
  const daemon = await start(t);
  daemon.on('GET secrets', () => ({ secrets: [] }));
  assert.equal((await daemon.runner(['secret', 'list'])).out, 'no secrets\n');
  const list = { secrets: [{ name: 'KEY', scope: 'global', allow: [], updated_at: '2026-03-01T00:00:00Z' }] };
  daemon.on('GET secrets', () => list);
  assert.match(
    (await daemon.runner(['secret', 'list'])).out,
    /^NAME +SCOPE +FOR +SET\nKEY +global +all that declare it /,
  );
  assert.deepEqual(JSON.parse((await daemon.runner(['secret', 'list', '--json'])).out), list);
});

test('Ctrl-C ends the waiting for a value on stdin', async (t) => {
  const daemon = await start(t);
  const running = daemon.start(['secret', 'set', 'KEY'], { stdin: null });
  await running.reading;
  running.signal('SIGINT');
  assert.equal(await running.code, 130);
});
