import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Stream } from '../../../src/model/ports.ts';
import { encodeMarks } from '../../../src/util/log/log-index.ts';
import { readLog, readLogBytes } from '../../../src/util/log/log-reader.ts';
import { type LogSummary, type LogWriter, openLog } from '../../../src/util/log/log-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'runner-log-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
const newPath = () => join(folder, `${++count}.log`);

/** A log whose clock goes on one millisecond with each write. */
function open(path: string, maxBytes = 1_000_000): LogWriter {
  let time = 1_700_000_000_000;
  return openLog(path, { maxBytes, now: () => time++ });
}

const write = (log: LogWriter, stream: Stream, text: string) => log.write(stream, Buffer.from(text));
const shown = (path: string) => [...readLog(path)].map(({ time, source, text }) => [time % 1000, source, text]);

describe('what is written', () => {
  test('nothing is made before the first byte', () => {
    const path = newPath();
    const summary = open(path).close();
    assert.equal(existsSync(path), false);
    assert.equal(existsSync(`${path}.idx`), false);
    assert.deepEqual(summary, { taken: 0, dropped: 0, lost: 0, notes: [] });
  });

  test('every byte is kept in order, whatever it is', () => {
    const path = newPath();
    const log = open(path, 10_000_000);
    const bytes = randomBytes(5_000_000);
    for (let at = 0; at < bytes.length; at += 65_536) log.write('stdout', bytes.subarray(at, at + 65_536));
    log.close();
    assert.deepEqual(readFileSync(path), bytes);
  });

  test('bytes can be read by others before the log is closed', () => {
    const path = newPath();
    const log = open(path);
    write(log, 'stdout', 'now\n');
    assert.deepEqual(shown(path), [[0, 'stdout', 'now']]);
    log.close();
  });

  test('the files are private', () => {
    const path = newPath();
    const log = open(path);
    write(log, 'stdout', 'x');
    log.close();
    for (const file of [path, `${path}.idx`]) assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('a file or link that stands at the path is left alone', () => {
    const [path, target, link] = [newPath(), newPath(), newPath()];
    writeFileSync(path, 'mine');
    symlinkSync(target, link);
    for (const taken of [path, link]) {
      const log = open(taken);
      write(log, 'stdout', 'x');
      assert.deepEqual(log.close().notes, ['log incomplete: 1 bytes could not be written (EEXIST)']);
    }
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    assert.equal(existsSync(target), false);
  });
});

describe('a log that is too long', () => {
  test('keeps its beginning and its end, and says how much is missing', () => {
    const path = newPath();
    const log = open(path, 20);
    for (const text of ['0123456', '789abc', 'x'.repeat(100), 'tail567', '890']) write(log, 'stdout', text);
    const summary = log.close();
    assert.deepEqual(summary, {
      taken: 123,
      dropped: 103,
      lost: 0,
      notes: ['log cut: 103 bytes in the middle left out, limited to 20B'],
    });
    const text = '0123456789\n[runner] 103 bytes left out here: the log is limited to 20B\ntail567890';
    assert.equal(readFileSync(path, 'utf8'), text);
  });

  test('as long as the limit is whole', () => {
    const path = newPath();
    const log = open(path, 20);
    for (const text of ['0123456789', '0123', '456789']) write(log, 'stderr', text);
    assert.deepEqual(log.close().notes, []);
    assert.equal(readFileSync(path, 'utf8'), '01234567890123456789');
  });

  test('times and streams are known on both sides of the cut', () => {
    const path = newPath();
    const log = open(path, 20);
    for (const text of ['a\n', 'bcdefghijklmnopqrstuvwxyz\n']) write(log, 'stdout', text);
    for (const text of ['c\n', 'd\n', 'e\n']) write(log, 'stderr', text);
    log.close();
    assert.deepEqual(shown(path), [
      [0, 'stdout', 'a'],
      [1, 'stdout', 'bcdefghi'],
      [5, 'runner', '[runner] 14 bytes left out here: the log is limited to 20B'],
      [1, 'stdout', 'xyz'],
      [2, 'stderr', 'c'],
      [3, 'stderr', 'd'],
      [4, 'stderr', 'e'],
    ]);
  });

  test('takes no more disk than its limit, twice', () => {
    const path = newPath();
    const log = open(path, 4_000_000);
    const byte = Buffer.from('x');
    for (let index = 0; index < 200_000; index++) log.write(index % 2 === 0 ? 'stdout' : 'stderr', byte);
    log.close();
    assert.equal(statSync(path).size, 200_000);
    assert.ok(statSync(`${path}.idx`).size < 1_300_000);
  });

  test('keeps exactly the beginning and the end, whatever the chunks', () => {
    const chunks = fc.array(fc.string({ maxLength: 30, unit: 'binary-ascii' }), { maxLength: 30 });
    fc.assert(
      fc.property(chunks, fc.integer({ min: 0, max: 200 }), (texts, maxBytes) => {
        const path = newPath();
        const log = open(path, maxBytes);
        for (const text of texts) write(log, 'stdout', text);
        const { dropped } = log.close();
        const whole = texts.join('');
        assert.equal(dropped, Math.max(0, whole.length - maxBytes));
        const tail = Math.floor(maxBytes / 2);
        if (dropped === 0) assert.equal(existsSync(path) ? readFileSync(path, 'latin1') : '', whole);
        else {
          const [head = '', rest = ''] = readFileSync(path, 'latin1').split(
            /\n?\[runner\] \d+ bytes left out here.*\n/,
          );
          assert.ok(whole.startsWith(head));
          assert.equal(rest, whole.slice(whole.length - tail));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a disk that fails', () => {
  test('costs the bytes that could not be written, says so, and nothing else', () => {
    const log = open('/dev/null/never.log');
    write(log, 'stdout', '12345');
    write(log, 'stderr', '678');
    const { lost, notes } = log.close();
    assert.equal(lost, 8);
    assert.deepEqual(notes, ['log incomplete: 8 bytes could not be written (ENOTDIR)']);
  });

  test('in the middle of a chunk keeps what could be written', () => {
    const path = newPath();
    const summary = writeWithLimitedFiles(path, 100_000);
    const { size } = statSync(path);
    assert.ok(size > 0 && size < 100_000);
    assert.equal(summary.lost, 100_000 - size);
    assert.deepEqual(summary.notes, [`log incomplete: ${summary.lost} bytes could not be written (EFBIG)`]);
  });

  test('that works again when the log is closed gets the line that says what is missing', () => {
    const path = newPath();
    writeFileSync(path, 'in the way');
    const log = open(path);
    write(log, 'stdout', 'lost!');
    rmSync(path);
    assert.equal(log.close().lost, 5);
    assert.equal(readFileSync(path, 'utf8'), '[runner] 5 bytes could not be written here: EEXIST\n');
  });

  test('that works again later goes on, and the log says where bytes are missing', () => {
    const path = newPath();
    writeFileSync(path, 'in the way');
    const log = open(path);
    write(log, 'stdout', 'lost!');
    rmSync(path);
    write(log, 'stdout', 'kept\n');
    assert.equal(log.close().lost, 5);
    assert.deepEqual(
      shown(path).map(([, ...line]) => line),
      [
        ['runner', '[runner] 5 bytes could not be written here: EEXIST'],
        ['stdout', 'kept'],
      ],
    );
  });
});

/** Writes one chunk in a process whose files cannot grow beyond a few blocks. */
function writeWithLimitedFiles(path: string, bytes: number): LogSummary {
  const writer = resolve('src/util/log/log-writer.ts');
  const program = `
    import { openLog } from ${JSON.stringify(writer)};
    const log = openLog(${JSON.stringify(path)}, { maxBytes: 1e6, now: () => 0 });
    log.write('stdout', Buffer.alloc(${bytes}, 'x'));
    console.log(JSON.stringify(log.close()));`;
  const node = [
    'ulimit -f 17; exec "$@"',
    'sh',
    process.execPath,
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    program,
  ];
  const env = { ...process.env, TSX_DISABLE_CACHE: '1' };
  return JSON.parse(execFileSync('sh', ['-c', ...node], { encoding: 'utf8', env }));
}

describe('reading lines', () => {
  test('each has the time and stream of its beginning', () => {
    const path = newPath();
    const log = open(path);
    write(log, 'stdout', 'one\ntw');
    write(log, 'stderr', 'err');
    write(log, 'stdout', 'o\nthree');
    write(log, 'stderr', 'or\n');
    log.close();
    assert.deepEqual(shown(path), [
      [0, 'stdout', 'one'],
      [0, 'stdout', 'two'],
      [1, 'stderr', 'error'],
      [2, 'stdout', 'three'],
    ]);
  });

  test('a line over 64 KiB comes in pieces that say so', () => {
    const path = newPath();
    const log = open(path);
    write(log, 'stdout', `${'é'.repeat(40_000)}\nlast`);
    log.close();
    assert.deepEqual(
      [...readLog(path)].map(({ text, end }) => [text.length, end]),
      [
        [32_768, 'limit'],
        [7_232, 'newline'],
        [4, 'end'],
      ],
    );
  });

  test('bytes that are not UTF-8 are replaced', () => {
    const path = newPath();
    const log = open(path);
    log.write('stdout', Buffer.from([0x61, 0xff, 0x62, 0x0a]));
    log.close();
    assert.deepEqual(shown(path), [[0, 'stdout', 'a\ufffdb']]);
  });

  test('a log without an index, or with a torn one, still shows every line', () => {
    const path = newPath();
    const log = open(path);
    write(log, 'stdout', 'a\n');
    write(log, 'stderr', 'b\n');
    log.close();
    truncateSync(`${path}.idx`, 20);
    assert.deepEqual(shown(path), [
      [0, 'stdout', 'a'],
      [0, 'stdout', 'b'],
    ]);
    rmSync(`${path}.idx`);
    assert.deepEqual(
      [...readLog(path)].map(({ time, text }) => [time, text]),
      [
        [0, 'a'],
        [0, 'b'],
      ],
    );
  });

  test('an index that is ahead of its log, or wrong, does no harm', () => {
    const path = newPath();
    const log = open(path);
    write(log, 'stdout', 'a\n');
    log.close();
    appendFileSync(`${path}.idx`, encodeMarks([{ time: 1, source: 'stderr', offset: 2 ** 50 }]));
    assert.deepEqual(shown(path), [[0, 'stdout', 'a']]);
  });

  test('no log has no lines', () => {
    assert.deepEqual([...readLog(newPath())], []);
  });
});

describe('reading bytes', () => {
  const path = newPath();
  const log = open(path);
  write(log, 'stdout', '0123456789');
  log.close();

  test('come from where they are wanted', () => {
    const { bytes, offset, size } = readLogBytes(path, 3, 4);
    assert.deepEqual([bytes.toString(), offset, size], ['3456', 3, 10]);
  });

  test('end where the log ends', () => {
    assert.equal(readLogBytes(path, 8, 100).bytes.toString(), '89');
    assert.deepEqual(readLogBytes(path, 50, 10), { bytes: Buffer.alloc(0), offset: 10, size: 10 });
  });

  test('from -1 on are those to come', () => {
    assert.deepEqual(readLogBytes(path, -1, 10), { bytes: Buffer.alloc(0), offset: 10, size: 10 });
  });

  test('of no log are none', () => {
    assert.deepEqual(readLogBytes(newPath(), 5, 10), { bytes: Buffer.alloc(0), offset: 0, size: 0 });
  });
});
