import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockChanges, isTimeZone } from '../../src/util/time-zone.ts';

test('names of the IANA database are time zones, offsets and inventions are not', () => {
  for (const zone of ['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'EST'])
    assert.ok(isTimeZone(zone), zone);
  for (const zone of ['Mars/Phobos', '', '+05:30', 'Europe/Berln', ' UTC']) assert.ok(!isTimeZone(zone), zone);
});

test('clock changes are found with their wall-clock times', () => {
  assert.deepEqual(clockChanges('America/New_York', 2025), [
    { kind: 'gap', from: 120, to: 180 },
    { kind: 'repeat', from: 60, to: 120 },
  ]);
  assert.deepEqual(clockChanges('Australia/Lord_Howe', 2025), [
    { kind: 'repeat', from: 90, to: 120 },
    { kind: 'gap', from: 120, to: 150 },
  ]);
});

test('changes at midnight stay within reach of their day', () => {
  assert.deepEqual(clockChanges('Africa/Cairo', 2025), [
    { kind: 'gap', from: 0, to: 60 },
    { kind: 'repeat', from: 1380, to: 1440 },
  ]);
});

test('zones without clock changes have none', () => {
  for (const zone of ['UTC', 'Asia/Kathmandu', 'Asia/Tokyo']) assert.deepEqual(clockChanges(zone, 2025), []);
});
