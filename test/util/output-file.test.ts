import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  MOST_FILE_BYTES,
  MOST_VALUE_BYTES,
  parseOutputs,
  readOutputs,
  removeOutputs,
} from '../../src/util/output-file.ts';

function values(text: string | Uint8Array): Record<string, string> {
  const written = parseOutputs(Buffer.from(text));
  assert.ok('values' in written, JSON.stringify(written));
  return Object.fromEntries(written.values);
}

function problem(text: string | Uint8Array): string {
  const written = parseOutputs(Buffer.from(text));
  assert.ok('error' in written);
  return `${written.error.line}: ${written.error.message}`;
}

describe('a value', () => {
  test('goes raw to the end of its line', () => {
    assert.deepEqual(values('a=se#cret "x" \\n $y = <<z\nb=\n'), {
      a: 'se#cret "x" \\n $y = <<z',
      b: '',
    });
  });

  test('needs no newline at the end of the file', () => {
    assert.deepEqual(values('a=1\nb<<E\nx\nE'), { a: '1', b: 'x' });
  });

  test('of several lines stands between delimiters', () => {
    assert.deepEqual(values('a<<EOF\none\n\n EOF\nb=two\nEOF\nc=3\n'), { a: 'one\n\n EOF\nb=two', c: '3' });
    assert.deepEqual(values('a<<E\nE\nb<<E\n\nE\nc<<E\n\n\nE\n'), { a: '', b: '', c: '\n' });
  });

  test('may come in base64, on one line or wrapped', () => {
    assert.deepEqual(values('a=__B64__bGluZTEKbGluZTI=\nb<<E\n__B64__bGlu\nZTE\nE\n'), {
      a: 'line1\nline2',
      b: 'line1',
    });
    assert.deepEqual(values('a=__B64__fn5-Pz8_\n'), { a: '~~~???' });
    assert.deepEqual(values('a=__B64__\n'), { a: '' });
  });

  test('that is written twice is the later one', () => {
    assert.deepEqual(values('a=1\nb=2\na<<E\n3\nE\n'), { a: '3', b: '2' });
  });

  test('ends before CRLF; a block keeps the line ends within it', () => {
    assert.deepEqual(values('a=1\r\n\r\nb<<E\r\none\r\ntwo\r\nE\r\nc<<E\r\nE'), { a: '1', b: 'one\r\ntwo', c: '' });
  });

  test('in a block begun with LF is exact, carriage returns included', () => {
    assert.deepEqual(values('a<<E\none\r\nE\r\ntwo\r\nE\n'), { a: 'one\r\nE\r\ntwo\r' });
  });

  test('of any language, and names of all kinds, are fine', () => {
    assert.deepEqual(
      values('\ufeffa-b=é漢😀\n_c=1\n__proto__=2\n'),
      Object.fromEntries([
        ['a-b', 'é漢😀'],
        ['_c', '1'],
        ['__proto__', '2'],
      ]),
    );
  });
});

test('blank lines, and an empty file, say nothing', () => {
  assert.deepEqual(values('\n  \na=1\n\n'), { a: '1' });
  assert.deepEqual(values(''), {});
});

const MALFORMED: readonly [string, string | Uint8Array, string][] = [
  ['text', 'a=1\nhunter2\n', '2: expected name=value, or name<<DELIMITER for a value of several lines'],
  ['a space before the sign', 'a =1\n', '1: expected name=value, or name<<DELIMITER for a value of several lines'],
  ['no name', '=1\n', '1: expected name=value, or name<<DELIMITER for a value of several lines'],
  ['a bad name', '1a=1\n', '1: expected name=value, or name<<DELIMITER for a value of several lines'],
  [
    'too long a name',
    `${'a'.repeat(65)}=1\n`,
    '1: expected name=value, or name<<DELIMITER for a value of several lines',
  ],
  [
    'a delimiter with a space',
    'a<<E F\nE F\n',
    '1: expected name=value, or name<<DELIMITER for a value of several lines',
  ],
  ['a block without an end', '\na<<EOF\nx\n EOF\n', '2: no line "EOF" ends the value of "a"'],
  ['bytes that are not UTF-8', Buffer.from([0x61, 0x3d, 0x31, 0x0a, 0x61, 0x3d, 0xff, 0x0a]), '2: not UTF-8 text'],
  ['NUL', 'a=1\0\n', '1: "a" contains a NUL character'],
  ['NUL in base64', 'a=__B64__AAAA\n', '1: "a" contains a NUL character'],
  ['no base64', 'a=__B64__a*b\n', '1: "a" is not base64'],
  ['half of base64', 'a=__B64__abcde\n', '1: "a" is not base64'],
  ['base64 of other bytes', 'a=__B64__//8=\n', '1: "a" is not UTF-8 text in base64'],
  ['a long value', `a=${'x'.repeat(MOST_VALUE_BYTES + 1)}\n`, '1: "a" is longer than 128KiB'],
  ['a long file', Buffer.alloc(MOST_FILE_BYTES + 1, '\n'), '0: more than 1MiB'],
];

for (const [name, text, message] of MALFORMED) {
  test(`${name} is an error with its line`, () => assert.equal(problem(text), message));
}

test('a value of exactly the limit is fine', () => {
  assert.equal(values(`a=${'x'.repeat(MOST_VALUE_BYTES)}`).a?.length, MOST_VALUE_BYTES);
});

describe('any text', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
  const lines = fc.array(fc.constantFrom('a', 'E', '=', '<<', '\r', '\n', 'é', '__B64__', ' '), { maxLength: 20 });
  const any = fc.oneof(
    text,
    lines.map((parts) => parts.join('')),
  );
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/);

  test('comes back from a block', () => {
    fc.assert(
      fc.property(name, any, any, (key, value, other) => {
        fc.pre(!value.startsWith('__B64__') && !other.startsWith('__B64__'));
        const written = `${key}<<END-1\n${value}\nEND-1\nother-name<<END-2\n${other}\nEND-2\n`;
        assert.deepEqual(
          values(written),
          Object.fromEntries([
            [key, value],
            ['other-name', other],
          ]),
        );
      }),
    );
  });

  test('comes back from base64', () => {
    fc.assert(
      fc.property(name, any, fc.constantFrom('base64', 'base64url'), (key, value, encoding) => {
        const encoded = Buffer.from(value).toString(encoding);
        assert.deepEqual(values(`${key}=__B64__${encoded}\n`), Object.fromEntries([[key, value]]));
      }),
    );
  });

  test('of bytes is either values or an error, never an exception', () => {
    const part = fc.constantFrom('a=', 'b<<E', '\nE', '\n', '\r', '__B64__', 'YQ==', '\0', 'é', '\\');
    fc.assert(fc.property(fc.array(part), (parts) => void parseOutputs(Buffer.from(parts.join('')))));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseOutputs(bytes)));
  });
});

describe('the files of a task', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runner-outputs-'));
  after(() => rmSync(folder, { recursive: true }));
  let count = 0;
  const newJob = () => ({ outputFile: join(folder, String(++count)), task: 'build' });
  const message = (job: ReturnType<typeof newJob>) => {
    const written = readOutputs(job);
    return 'error' in written ? written.error.message : undefined;
  };

  test('that were not written hold nothing', () => {
    assert.deepEqual(readOutputs(newJob()), { values: new Map() });
  });

  test('are both read, the one named after the task winning, and stay until they are removed', () => {
    const job = newJob();
    writeFileSync(job.outputFile, 'a=1\nb=1\n');
    writeFileSync(`${job.outputFile}_build`, 'b=2\nc=2\n');
    writeFileSync(`${job.outputFile}_other`, 'c=3\n');
    const written = readOutputs(job);
    assert.deepEqual('values' in written && Object.fromEntries(written.values), { a: '1', b: '2', c: '2' });
    assert.deepEqual(readOutputs(job), written);
    removeOutputs(job);
    assert.equal(existsSync(job.outputFile), false);
    assert.equal(existsSync(`${job.outputFile}_build`), false);
    assert.equal(existsSync(`${job.outputFile}_other`), true);
  });

  test('are named in the message when they are malformed', () => {
    const job = newJob();
    writeFileSync(`${job.outputFile}_build`, '\noops\n');
    assert.match(message(job) ?? '', /^\$\{OUTPUT_FILE\}_build, line 2: expected name=value/);
  });

  test('that are links, pipes or folders are neither followed nor waited for', () => {
    const [link, pipe, directory] = [newJob(), newJob(), newJob()];
    const target = join(folder, 'target');
    writeFileSync(target, 'a=1\n');
    symlinkSync(target, link.outputFile);
    execFileSync('mkfifo', [pipe.outputFile]);
    mkdirSync(directory.outputFile);
    for (const job of [link, pipe, directory]) {
      assert.equal(message(job), '$OUTPUT_FILE: not a regular file');
      removeOutputs(job);
      // What is in a folder may be changed by other tasks meanwhile: it goes with all that the run wrote.
      assert.equal(existsSync(job.outputFile), job === directory);
    }
    assert.equal(existsSync(target), true);
  });

  test('that are too long are not read to the end', () => {
    const job = newJob();
    writeFileSync(job.outputFile, Buffer.alloc(3 * MOST_FILE_BYTES, '\n'));
    assert.equal(message(job), '$OUTPUT_FILE: more than 1MiB');
  });

  test('that cannot be opened are a mistake of the task', async () => {
    const job = newJob();
    const server = createServer().listen(job.outputFile);
    await once(server, 'listening');
    assert.equal(message(job), '$OUTPUT_FILE: cannot be read (ENXIO)');
    server.close();
  });
});
