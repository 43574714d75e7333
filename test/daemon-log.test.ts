import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog, type LogOptions } from '../src/daemon-log.ts';
import { SecretSet } from '../src/util/mask/secret-set.ts';
import { FakeClock } from './support/fake-clock.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

function logRig(level: LogOptions['level'] = 'info') {
  const lines: string[] = [];
  const masks = new SecretSet();
  masks.add('correct horse battery staple');
  const clock = new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  const output = { write: (line: string) => void lines.push(line) };
  return { lines, log: createLog({ output, level, mask: (text) => masks.maskText(text), clock }) };
}

test('a line is JSON with time, level as a word, message and fields', () => {
  const { lines, log } = logRig();
  log.info({ address: 'http://127.0.0.1:8420' }, 'ready');
  assert.deepEqual(lines, [
    '{"level":"info","time":"2026-01-02T03:04:05.006Z","address":"http://127.0.0.1:8420","msg":"ready"}\n',
  ]);
});

test('lines below the level are left out', () => {
  const { lines, log } = logRig('warn');
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({}, level);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).level),
    ['warn', 'error'],
  );
});

test('a secret is hidden in the message, in nested fields, and in the cause of an error', () => {
  const { lines, log } = logRig();
  const secret = 'correct horse battery staple';
  const err = new Error('refused', { cause: new Error(`not ${secret}`) });
  log.error({ err, request: { headers: [{ auth: `Bearer ${secret}` }] } }, `it said ${secret}`);
  const [line = ''] = lines;
  assert.doesNotMatch(line, /horse/);
  const told = JSON.parse(line);
  assert.equal(told.msg, 'it said ***');
  assert.equal(told.request.headers[0].auth, 'Bearer ***');
  assert.equal(told.err.cause.message, 'not ***');
});

test('a line break in a message does not make a line', () => {
  const { lines, log } = logRig();
  log.info({ a: 'x\n{"level":"error"}' }, 'one\ntwo');
  assert.equal(lines.join('').split('\n').length, 2);
});

test('what was logged is on disk when the process is killed', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const file = openSync(path, 'w');
  const args = ['--import', 'tsx', 'test/support/log-lines.ts'];
  const { signal } = spawnSync(process.execPath, args, { stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  assert.equal(signal, 'SIGKILL');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).line),
    Array.from({ length: 100 }, (_item, index) => index + 1),
  );
});
