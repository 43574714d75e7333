import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../src/util/log/log-writer.ts';
import { SecretSet } from '../../src/util/mask/secret-set.ts';

/** One line of the report: MB/s, or a ratio to a floor. */
export interface MaskingRow {
  readonly name: string;
  readonly value: number;
  readonly unit: 'MB/s' | '×';
}

/** What masking and logging cost for `megabytes` of an ordinary build log in chunks of 64 KiB; prints each row. */
export function benchMasking(megabytes: number, print: (line: string) => void): MaskingRow[] {
  const rows: MaskingRow[] = [
    { name: 'mask, 1 secret', value: maskThroughput(megabytes, secrets(1, 24)), unit: 'MB/s' },
    { name: 'mask, 20 secrets', value: maskThroughput(megabytes, secrets(20, 24)), unit: 'MB/s' },
    { name: 'mask, 200 secrets', value: maskThroughput(megabytes, secrets(200, 24)), unit: 'MB/s' },
    { name: 'mask, 200 secrets of 4 characters', value: maskThroughput(megabytes, secrets(200, 4)), unit: 'MB/s' },
    { name: 'log, time against writes alone', value: logRatio(megabytes), unit: '×' },
  ];
  for (const { name, value, unit } of rows)
    print(`${name} ${value.toFixed(unit === '×' ? 2 : 0)}${unit === '×' ? '' : unit}`);
  return rows;
}

const CHUNK_BYTES = 64 * 1024;
const LINE =
  '2024-05-01T12:00:00Z INFO  compile src/foo/bar.ts took 123 ms (cache miss) 9f86d081884c7d659a2feaa0c55ad015\n';
const CHUNK = Buffer.alloc(CHUNK_BYTES, LINE);

/** The same in every run of the program, so that figures can be compared. */
function secrets(count: number, length: number): SecretSet {
  const set = new SecretSet();
  for (let index = 0; index < count; index++) {
    set.add(createHash('sha256').update(String(index)).digest('base64').slice(0, length));
  }
  return set;
}

function maskThroughput(megabytes: number, set: SecretSet): number {
  const stream = set.stream();
  const once = () => void stream.push(CHUNK);
  repeat(megabytes / 10, once);
  return megabytes / seconds(() => repeat(megabytes, once));
}

/** Both sides in turn, the first turn not counted: it pays for memory that the system hands out. */
function logRatio(megabytes: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'runner-bench-'));
  try {
    const ratios = Array.from({ length: 6 }, () => logOnce(folder, megabytes / 2)).slice(1);
    return ratios.sort((a, b) => a - b)[2] ?? Number.NaN;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function logOnce(folder: string, megabytes: number): number {
  const [plain, path] = [join(folder, 'plain'), join(folder, 'log')];
  const floor = seconds(() => {
    const file = openSync(plain, 'ax', 0o600);
    repeat(megabytes, () => void writeSync(file, CHUNK));
    closeSync(file);
  });
  const ours = seconds(() => {
    const log = openLog(path, { maxBytes: megabytes * 2e6, now: Date.now });
    repeat(megabytes, () => log.write('stdout', CHUNK));
    log.close();
  });
  for (const file of [plain, path, `${path}.idx`]) rmSync(file);
  return ours / floor;
}

function repeat(megabytes: number, once: () => void): void {
  for (let sent = 0; sent < megabytes * 1e6; sent += CHUNK_BYTES) once();
}

function seconds(work: () => void): number {
  const begin = performance.now();
  work();
  return (performance.now() - begin) / 1000;
}
