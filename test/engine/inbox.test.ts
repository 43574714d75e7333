import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox } from '../../src/engine/inbox.ts';
import { FakeClock } from '../support/fake-clock.ts';

function patientInbox(clock: FakeClock): Inbox<string> {
  return new Inbox<string>(clock, 5, (item) => item === 'patient');
}

test('what is patient waits for company, and comes with it', async () => {
  const inbox = patientInbox(new FakeClock());
  inbox.push('patient');
  const filled = inbox.filled();
  inbox.push('patient');
  inbox.push('urgent');
  await filled;
  assert.deepEqual(inbox.take(), ['patient', 'patient', 'urgent']);
});

test('what is patient comes alone once it has waited long enough', async () => {
  const clock = new FakeClock();
  const inbox = patientInbox(clock);
  inbox.push('patient');
  const filled = inbox.filled();
  clock.advance(5);
  await filled;
  assert.deepEqual(inbox.take(), ['patient']);
});

test('in a hurry nothing is waited for', async () => {
  const inbox = patientInbox(new FakeClock());
  inbox.push('patient');
  const filled = inbox.filled();
  inbox.hurry();
  await filled;
  await inbox.filled();
  assert.deepEqual(inbox.take(), ['patient']);
});
