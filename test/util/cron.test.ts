import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CronFields, parseCron } from '../../src/util/cron.ts';

function fields(text: string): CronFields {
  const parsed = parseCron(text);
  assert.ok(parsed.fields, JSON.stringify(parsed.problems));
  return parsed.fields;
}

test('five fields give the values they admit', () => {
  const parsed = fields('*/20 9-17/4 1,15 jan-mar,dec mon');
  assert.deepEqual(parsed.minutes, [0, 20, 40]);
  assert.deepEqual(parsed.hours, [9, 13, 17]);
  assert.deepEqual(parsed.daysOfMonth, [1, 15]);
  assert.deepEqual(parsed.months, [1, 2, 3, 12]);
  assert.deepEqual(parsed.daysOfWeek, [1]);
});

test('0 and 7 are Sunday, also at the end of a range', () => {
  assert.deepEqual(fields('0 0 * * 7').daysOfWeek, [0]);
  assert.deepEqual(fields('0 0 * * fri-sun').daysOfWeek, [0, 5, 6]);
  assert.deepEqual(fields('0 0 * * 5-7').daysOfWeek, [0, 5, 6]);
  assert.deepEqual(fields('0 0 * * sun-sat').daysOfWeek, [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(fields('0 0 * * */2').daysOfWeek, [0, 2, 4, 6]);
});

test('names of schedules stand for their fields', () => {
  assert.deepEqual(fields('@hourly'), fields('0 * * * *'));
  assert.deepEqual(fields('@daily'), fields('0 0 * * *'));
  assert.deepEqual(fields('@weekly'), fields('0 0 * * 0'));
  assert.deepEqual(fields('@monthly'), fields('0 0 1 * *'));
  assert.deepEqual(fields('@yearly'), fields('0 0 1 1 *'));
});

test('two restricted day fields mean either one; a field that begins with * restricts nothing by itself', () => {
  assert.equal(fields('0 0 13 * 5').eitherDay, true);
  assert.equal(fields('0 0 13 * *').eitherDay, false);
  assert.equal(fields('0 0 */2 * 5').eitherDay, false);
  assert.equal(fields('*/30 * * * *').everyHour, true);
  assert.equal(fields('30 2 * * *').everyHour, false);
});

test('leap days fire, days that no month has never do', () => {
  assert.ok(parseCron('0 0 29 2 *').fields);
  assert.ok(parseCron('0 0 30 2 1').fields, 'either day');
  for (const text of ['0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 30-31 feb *']) {
    assert.deepEqual(
      parseCron(text).problems?.map(({ code }) => code),
      ['never-fires'],
      text,
    );
  }
});

test('every field that is wrong is reported at its place', () => {
  const places = parseCron('60 24 0 13 8').problems?.map(({ offset, length }) => [offset, length]);
  assert.deepEqual(places, [
    [0, 2],
    [3, 2],
    [6, 1],
    [8, 2],
    [11, 1],
  ]);
});

test('what libraries read in different ways is refused', () => {
  const bad = ['', '   ', '* * * *', '* * * * * *', '*/0 * * * *', '*/90 * * * *', '5-1 * * * *', '1,2, * * * *'];
  const worse = [
    '*/5/2 * * * *',
    '0/15 * * * *',
    '0 0 1-31/40 * *',
    '-1 * * * *',
    '1e1 * * * *',
    '٣ * * * *',
    '? * * * *',
  ];
  const named = ['@reboot', '@every 5m', 'H * * * *', '0 0 L * *', '0 0 * * 1#2', '1..5 * * * *', '0x1 * * * *'];
  for (const text of [...bad, ...worse, ...named]) assert.ok(parseCron(text).problems, JSON.stringify(text));
});

test('any text is either fields within their bounds or problems within the text', () => {
  const word = fc.stringMatching(/^[0-9*/,\-a-z@ ]{0,20}$/);
  fc.assert(
    fc.property(word, (text) => {
      const { fields: found, problems = [] } = parseCron(text);
      assert.equal(found === undefined, problems.length > 0);
      for (const { offset, length } of problems) assert.ok(offset >= 0 && length >= 1 && offset <= text.length);
      for (const minute of found?.minutes ?? []) assert.ok(minute >= 0 && minute <= 59);
      for (const day of found?.daysOfWeek ?? []) assert.ok(day >= 0 && day <= 6);
    }),
  );
});
