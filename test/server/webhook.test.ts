import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { ControlError } from '../../src/model/control.ts';
import { type Reply, SECRET, serverRig, signatureOf } from '../support/server-rig.ts';

const PUSH = JSON.stringify({ ref: 'refs/heads/main', before: 'a'.repeat(40), after: 'b'.repeat(40), commits: [] });
const ID = '5f7e1c90-0000-11ef-8000-0123456789ab';

function codeOf({ status, json }: Reply): [number, unknown] {
  return [status, (json as { code?: unknown } | undefined)?.code];
}

test('a genuine delivery reaches the daemon whole, and is answered with what became of it', async (t) => {
  const rig = await serverRig(t);
  const reply = await rig.deliver(PUSH, { 'x-github-delivery': ID.toUpperCase() });
  assert.equal(reply.status, 202);
  assert.deepEqual(reply.json, { runs: ['019a0000-0000-7000-8000-000000000001'], decisions: ['fired'] });
  const [taken] = rig.control.deliveries;
  assert.deepEqual([taken?.delivery.source, taken?.delivery.id, taken?.delivery.event], ['github', ID, 'push']);
  assert.equal(JSON.stringify(taken?.delivery.payload), PUSH);
  assert.match(taken?.hash ?? '', /^[0-9a-f]{64}$/);
});

test('what was taken in before is 200 under its id, and 409 under another id or with another body', async (t) => {
  const rig = await serverRig(t);
  const id = { 'x-github-delivery': ID };
  assert.equal((await rig.deliver(PUSH, id)).status, 202);
  assert.equal((await rig.deliver(PUSH, id)).status, 200);
  assert.deepEqual(codeOf(await rig.deliver(PUSH)), [409, 'replay']);
  assert.deepEqual(codeOf(await rig.deliver(PUSH.replace('main', 'next'), id)), [409, 'replay']);
  assert.equal(rig.control.deliveries.length, 1);
});

test('a ping is answered and goes no further', async (t) => {
  const rig = await serverRig(t);
  const reply = await rig.deliver('{"zen":"Keep it logically awesome.","hook_id":1}', {}, 'ping');
  assert.deepEqual([reply.status, reply.json], [200, { runs: [], decisions: ['pong'] }]);
  assert.deepEqual(rig.control.deliveries, []);
});

test('the signature must be SHA-256 over the very bytes, by one of the secrets', async (t) => {
  const other = 'another-secret-for-the-rotation';
  const rig = await serverRig(t, { secrets: [SECRET, other] });
  const header = 'x-hub-signature-256';
  for (const wrong of [
    { [header]: '' },
    { [header]: '', 'x-hub-signature': `sha1=${'0'.repeat(40)}` },
    { [header]: `sha1=${'0'.repeat(40)}` },
    { [header]: signatureOf(PUSH, 'a-secret-that-is-not-the-one') },
    { [header]: signatureOf(`${PUSH} `) },
    { [header]: signatureOf(PUSH).toUpperCase() },
    { [header]: `${signatureOf(PUSH)}, ${signatureOf(PUSH)}` },
  ]) {
    assert.deepEqual(codeOf(await rig.deliver(PUSH, wrong)), [401, 'bad-signature'], JSON.stringify(wrong));
  }
  assert.equal((await rig.deliver(PUSH, { [header]: signatureOf(PUSH, other) })).status, 202);
  assert.equal(rig.control.deliveries.length, 1);
});

test('a wrong signature is told before anything is said about the body', async (t) => {
  const rig = await serverRig(t);
  const wrong = { 'x-hub-signature-256': signatureOf('') };
  for (const body of ['{', 'null', '[]']) assert.equal((await rig.deliver(body, wrong)).status, 401, body);
});

test('headers that are missing, doubled or odd are 400', async (t) => {
  const rig = await serverRig(t);
  for (const wrong of [
    { 'x-github-event': '' },
    { 'x-github-event': '__proto__' },
    { 'x-github-event': 'push, push' },
    { 'x-github-event': 'Push' },
    { 'x-github-delivery': '' },
    { 'x-github-delivery': '../../x' },
    { 'x-github-delivery': `${ID}, ${ID}` },
    { 'x-github-delivery': 'a'.repeat(8_000) },
  ]) {
    assert.deepEqual(codeOf(await rig.deliver(PUSH, wrong)), [400, 'bad-delivery'], JSON.stringify(wrong));
  }
  assert.deepEqual(rig.control.deliveries, []);
});

test('a body that is no JSON object is 400, however well it is signed, and the daemon lives', async (t) => {
  const rig = await serverRig(t);
  for (const body of [
    '1',
    'true',
    '"x"',
    'null',
    '[]',
    '[1]',
    '{',
    '',
    ' ',
    '['.repeat(100_000),
    Buffer.from([0x7b, 0xff]),
  ]) {
    assert.deepEqual(codeOf(await rig.deliver(body)), [400, 'bad-delivery'], String(body).slice(0, 20));
  }
  assert.equal((await rig.deliver(PUSH)).status, 202);
  const refused = rig.logged.filter(({ message }) => message === 'a delivery was refused');
  assert.equal(refused.length, 11, 'each leaves a record');
});

test('a body of another type or in another form is 415 and says which type is wanted', async (t) => {
  const rig = await serverRig(t);
  for (const wrong of [
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': '' },
    { 'content-type': 'text/json' },
    { 'content-type': 'application/json-patch+json' },
    { 'content-encoding': 'gzip' },
  ]) {
    assert.deepEqual(codeOf(await rig.deliver(PUSH, wrong)), [415, 'not-json'], JSON.stringify(wrong));
  }
  const form = await rig.deliver('payload=x', { 'content-type': 'application/x-www-form-urlencoded' });
  assert.match(form.text, /content type JSON/);
  assert.equal((await rig.deliver(PUSH, { 'content-type': 'application/json; charset=utf-8' })).status, 202);
});

test('a body of another event is 400: the name of the event is not signed', async (t) => {
  const rig = await serverRig(t);
  assert.deepEqual(codeOf(await rig.deliver(PUSH, {}, 'pull_request')), [400, 'bad-delivery']);
  assert.deepEqual(codeOf(await rig.deliver(PUSH, {}, 'ping')), [400, 'bad-delivery']);
  assert.equal((await rig.deliver(PUSH, {}, 'an_event_of_tomorrow')).status, 202);
});

test('a key called __proto__ is data of the payload', async (t) => {
  const rig = await serverRig(t);
  await rig.deliver(PUSH.replace('{', '{"__proto__":{"x":1},'));
  const payload = rig.control.deliveries[0]?.delivery.payload ?? {};
  assert.equal(Object.getPrototypeOf(payload), null);
  assert.ok(Object.hasOwn(payload, '__proto__'));
});

test('an id that no double can hold keeps its digits', async (t) => {
  const rig = await serverRig(t);
  await rig.deliver(PUSH.replace('{', '{"id":9007199254740993,'));
  assert.equal(rig.control.deliveries[0]?.delivery.payload.id, '9007199254740993');
});

test('a payload that is nested too deeply is 400', async (t) => {
  const rig = await serverRig(t);
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  assert.deepEqual(codeOf(await rig.deliver(PUSH.replace('{', `{"deep":${deep},`))), [400, 'bad-delivery']);
});

test('without a secret the webhook is off and says so', async (t) => {
  const rig = await serverRig(t, { secrets: null });
  const reply = await rig.deliver(PUSH);
  assert.deepEqual(codeOf(reply), [404, 'webhook-off']);
  assert.match(reply.text, /webhook_secret/);
});

test('a delivery that cannot be kept is 503 and is to be sent again', async (t) => {
  const rig = await serverRig(t);
  for (const code of ['draining', 'queue-full', 'disk-full'] as const) {
    rig.control.deliverWith = async () => {
      throw new ControlError(code, 'not now');
    };
    const reply = await rig.deliver(PUSH);
    assert.deepEqual(codeOf(reply), [503, code]);
    assert.ok(Number(reply.headers['retry-after']) > 0);
  }
  rig.control.deliverWith = async () => {
    throw new Error('a bug');
  };
  assert.deepEqual(codeOf(await rig.deliver(PUSH)), [500, 'internal']);
});

test('more deliveries at once than can be worked on are 503; every one that was accepted is kept', async (t) => {
  const rig = await serverRig(t, { limits: { deliveries: 4 } });
  const accepted: (() => void)[] = [];
  const begun = new EventEmitter();
  const full = once(begun, 'full');
  rig.control.deliverWith = ({ id }) =>
    new Promise((resolve) => {
      accepted.push(() => resolve({ outcome: 'accepted', runs: [id], decisions: [] }));
      if (accepted.length === 4) begun.emit('full');
    });
  const first = Array.from({ length: 4 }, () => rig.deliver(PUSH));
  await full;
  const more = await Promise.all(Array.from({ length: 8 }, () => rig.deliver(PUSH)));
  for (const reply of more) assert.deepEqual([...codeOf(reply), reply.headers['retry-after']], [503, 'busy', '1']);
  for (const accept of accepted) accept();
  assert.deepEqual(
    (await Promise.all(first)).map(({ status }) => status),
    [202, 202, 202, 202],
  );
});
