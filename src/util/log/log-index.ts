import type { Stream } from '../../model/ports.ts';

/** Who wrote bytes of a log: the task, or we ourselves to say what is missing. */
export type LogSource = Stream | 'runner';

/** Says that the bytes from `offset` on were written at `time` (ms since the epoch) by `source`. */
export interface LogMark {
  readonly time: number;
  readonly source: LogSource;
  readonly offset: number;
}

/** Bytes of a mark in the index file: 6 of time, 1 of source, 1 for later use (0), 8 of offset; little-endian. */
export const MARK_BYTES = 16;

/** The index of the log at `path`. */
export function indexPath(path: string): string {
  return `${path}.idx`;
}

/** Marks as they stand in the index file. */
export function encodeMarks(marks: readonly LogMark[]): Buffer {
  const bytes = Buffer.alloc(marks.length * MARK_BYTES);
  marks.forEach(({ time, source, offset }, index) => {
    const at = index * MARK_BYTES;
    bytes.writeUIntLE(Math.max(0, Math.trunc(time)), at, 6);
    bytes.writeUInt8(SOURCES.indexOf(source), at + 6);
    bytes.writeUInt32LE(offset % 2 ** 32, at + 8);
    bytes.writeUInt32LE(Math.floor(offset / 2 ** 32), at + 12);
  });
  return bytes;
}

/** The marks of whole records; an unknown source counts as stdout. */
export function decodeMarks(bytes: Buffer): LogMark[] {
  return Array.from({ length: Math.floor(bytes.length / MARK_BYTES) }, (_, index) => {
    const at = index * MARK_BYTES;
    return {
      time: bytes.readUIntLE(at, 6),
      source: SOURCES[bytes.readUInt8(at + 6)] ?? 'stdout',
      offset: bytes.readUInt32LE(at + 8) + bytes.readUInt32LE(at + 12) * 2 ** 32,
    };
  });
}

/** A source's place is its number in the file: append only. */
const SOURCES: readonly LogSource[] = ['runner', 'stdout', 'stderr'];
