import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDelivery, checkHeaders, whyMisfit } from '../../src/util/delivery-check.ts';
import { GITHUB_EVENTS } from '../../src/util/github-events.ts';
import { githubExamples } from '../support/github-examples.ts';

const ID = '72d3162e-cc78-11e3-81ab-4c9367dc0958';

function check(body: string | Uint8Array, event: unknown = 'star', id: unknown = ID) {
  return checkDelivery(event, id, typeof body === 'string' ? new TextEncoder().encode(body) : body);
}

test('names of events and ids are taken only in their exact form', () => {
  assert.equal(checkHeaders('push', ID), null);
  assert.equal(checkHeaders('push', ID.toUpperCase()), null);
  for (const event of [undefined, '', '__proto__', 'push, push', 'Push', ['push'], 'a'.repeat(65), 'push\n'])
    assert.match(checkHeaders(event, ID) ?? '', /X-GitHub-Event/, String(event));
  for (const id of [undefined, '', '../../x', `${ID}, ${ID}`, 'x'.repeat(8192), [ID], `${ID}\n`, ID.slice(1), '%2e'])
    assert.match(checkHeaders('push', id) ?? '', /X-GitHub-Delivery/, String(id));
});

test('a body is a JSON object in UTF-8', () => {
  for (const body of ['1', 'true', '"x"', 'null', '[]', '[1]'])
    assert.equal(check(body).problem, 'the body must be a JSON object', body);
  for (const body of ['', '{', 'payload=%7B%7D']) assert.match(check(body).problem ?? '', /not valid JSON/, body);
  assert.equal(check(Uint8Array.of(0x7b, 0xff, 0x7d)).problem, 'the body is not UTF-8');
  assert.match(check(`${'{"a":'.repeat(101)}1${'}'.repeat(101)}`).problem ?? '', /more than 100 levels/);
  assert.deepEqual(
    { ...check('{"action":"created","starred_at":null}').payload },
    { action: 'created', starred_at: null },
  );
});

test('the body must fit the event that the header names', () => {
  assert.equal(
    check('{"ref":"refs/heads/x"}', 'push').problem,
    'the body does not fit the event push: it has no "before"',
  );
  const comment = '{"action":"created","issue":{},"comment":{}}';
  assert.equal(check(comment, 'issue_comment').problem, undefined);
  assert.equal(check(comment, 'issues').problem, 'the body does not fit the event issues: it has "comment"');
  assert.equal(check('{"ref":null,"__proto__":{}}', 'an_event_of_tomorrow').problem, undefined);
});

test('whatever GitHub really sent fits its own event', () => {
  for (const { event, payload } of githubExamples()) assert.equal(whyMisfit(event, payload), null, event);
});

test('whatever GitHub really sent of one event cannot pass for one that starts work on code', () => {
  const guarded = [
    'push',
    'pull_request',
    'issues',
    'issue_comment',
    'release',
    'create',
    'delete',
    'workflow_run',
    'deployment',
  ];
  for (const { event, payload } of githubExamples()) {
    if (!GITHUB_EVENTS.has(event)) continue;
    for (const other of guarded)
      if (other !== event) assert.notEqual(whyMisfit(other, payload), null, `${event} as ${other}`);
  }
});

test('the bodies GitHub really sent are read without a change', () => {
  for (const { event, payload } of githubExamples()) {
    const checked = check(JSON.stringify(payload), event);
    assert.equal(checked.problem, undefined);
    assert.equal(JSON.stringify(checked.payload), JSON.stringify(payload));
  }
});
