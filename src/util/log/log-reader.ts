import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type LineEnd, LineSplitter } from '../line-splitter.ts';
import { decodeMarks, indexPath, type LogMark, type LogSource, MARK_BYTES } from './log-index.ts';

/** A line of a log as it is shown. */
export interface LogLine {
  /** When its first byte was written, ms since the epoch; 0 when the log has no index. */
  readonly time: number;
  readonly source: LogSource;
  /** Without the newline; bytes that are not UTF-8 are replaced. Control characters are kept: see terminal-text.ts. */
  readonly text: string;
  /** `limit` for a piece of a line over 64 KiB that goes on with the next one, `end` when no newline came. */
  readonly end: LineEnd;
}

/** Raw bytes of a log. */
export interface LogBytes {
  readonly bytes: Buffer;
  /** Where they begin. */
  readonly offset: number;
  /** Bytes of the log when it was read. */
  readonly size: number;
}

/**
 * The lines of a log, read piece by piece; none when there is no log. A line is one stream's; lines come in the order they
 * were ended.
 */
export function* readLog(path: string): Generator<LogLine, void> {
  const file = openToRead(path);
  if (file === null) return;
  try {
    const lines = new LineJoiner();
    for (const { mark, end } of runsOf(path, fstatSync(file).size)) {
      for (let at = mark.offset; at < end; at += PIECE_BYTES) {
        yield* lines.push(mark, readPiece(file, at, Math.min(PIECE_BYTES, end - at)));
      }
    }
    yield* lines.flush();
  } finally {
    closeSync(file);
  }
}

/** At most `length` bytes from `offset` on; an offset of -1, or beyond the end, is the end. Empty when there is no log. */
export function readLogBytes(path: string, offset: number, length: number): LogBytes {
  const file = openToRead(path);
  if (file === null) return { bytes: Buffer.alloc(0), offset: 0, size: 0 };
  try {
    const { size } = fstatSync(file);
    const start = offset < 0 ? size : Math.min(offset, size);
    return { bytes: readPiece(file, start, Math.min(length, size - start)), offset: start, size };
  } finally {
    closeSync(file);
  }
}

const PIECE_BYTES = 64 * 1024;

/** Bytes of one origin, up to `end`. */
export interface Run {
  readonly mark: LogMark;
  readonly end: number;
}

/** Joins the pieces of each source to lines. */
class LineJoiner {
  readonly #splitters = { stdout: new LineSplitter(), stderr: new LineSplitter(), runner: new LineSplitter() };
  /** When the line that has begun was begun. */
  readonly #begun: Record<LogSource, number> = { stdout: 0, stderr: 0, runner: 0 };

  /** The lines that these bytes end. Our own remarks end every line before them: something is missing there. */
  push({ source, time }: LogMark, bytes: Buffer): LogLine[] {
    const lines = source === 'runner' ? [...this.#flush('stdout'), ...this.#flush('stderr')] : [];
    const splitter = this.#splitters[source];
    if (splitter.pending === 0) this.#begun[source] = time;
    splitter.push(bytes, (line, end) => {
      lines.push(this.#line(source, line, end));
      this.#begun[source] = time;
    });
    return lines;
  }

  flush(): LogLine[] {
    return [...this.#flush('stdout'), ...this.#flush('stderr'), ...this.#flush('runner')];
  }

  #flush(source: LogSource): LogLine[] {
    const lines: LogLine[] = [];
    this.#splitters[source].flush((line, end) => lines.push(this.#line(source, line, end)));
    return lines;
  }

  #line(source: LogSource, line: Buffer, end: LineEnd): LogLine {
    return { time: this.#begun[source], source, text: line.toString(), end };
  }
}

/** The runs of a log of `size` bytes, from its index. Bytes before the first mark, or without an index, are stdout's. */
export function* runsOf(path: string, size: number): Generator<Run, void> {
  let mark: LogMark = { time: 0, source: 'stdout', offset: 0 };
  for (const next of marksOf(indexPath(path))) {
    if (next.offset >= size) break;
    if (next.offset > mark.offset) yield { mark, end: next.offset };
    mark = next;
  }
  if (size > mark.offset) yield { mark, end: size };
}

function* marksOf(path: string): Generator<LogMark, void> {
  const file = openToRead(path);
  if (file === null) return;
  try {
    for (let at = 0; ; at += PIECE_BYTES) {
      const bytes = readPiece(file, at, PIECE_BYTES);
      if (bytes.length < MARK_BYTES) return;
      yield* decodeMarks(bytes);
    }
  } finally {
    closeSync(file);
  }
}

function openToRead(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new Error(`cannot read ${path}`, { cause: error });
  }
}

/** `length` bytes, or fewer at the end of the file. */
function readPiece(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
