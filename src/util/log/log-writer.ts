import type { Stream } from '../../model/ports.ts';
import { formatSize } from '../size.ts';
import type { KeptLog } from './kept-log.ts';
import { encodeMarks, indexPath, type LogMark, MARK_BYTES } from './log-index.ts';
import { LogTail } from './log-tail.ts';
import { NewFile } from './new-file.ts';

/** Bytes of output kept for one attempt when nobody says otherwise. */
export const DEFAULT_LOG_BYTES = 100 * 1024 * 1024;

/** What a log needs to know. */
export interface LogOptions {
  /** Bytes of output kept: the beginning, and of what is longer the end too. */
  readonly maxBytes: number;
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** What an earlier process has written; what comes goes behind it. */
  readonly kept?: KeptLog | null;
}

/** What became of the bytes, in numbers and in words for the user. */
export interface LogSummary {
  /** Bytes that came. */
  readonly taken: number;
  /** Bytes left out between the beginning and the end because the log was full. */
  readonly dropped: number;
  /** Bytes that could not be written. */
  readonly lost: number;
  /** Empty when the log holds every byte. */
  readonly notes: readonly string[];
}

/** Writes the log of one attempt. */
export interface LogWriter {
  /** Takes the next bytes of a stream; the chunk may be reused afterwards. Never throws for a disk that is full or broken. */
  write(stream: Stream, chunk: Uint8Array): void;
  /** Writes what was kept in memory and closes the files. */
  close(): LogSummary;
}

/**
 * A log at `path`, and its index beside it; both are made with the first byte. Bytes are written at once and in order. Once
 * the log is nearly full the latest bytes wait in memory, at most 1 MiB, and are written by `close`.
 */
export function openLog(path: string, options: LogOptions): LogWriter {
  return new LogFile(path, options);
}

const MOST_TAIL_BYTES = 1024 * 1024;

/** How much larger than its log an index may grow, for tasks that write single bytes. */
const INDEX_ALLOWANCE = 1024 * 1024;

class LogFile implements LogWriter {
  readonly #options: LogOptions;
  readonly #headBytes: number;
  readonly #text: NewFile;
  readonly #index: NewFile;
  readonly #tail: LogTail;
  #marked: LogMark | null = null;
  #endsLine = true;
  #taken = 0;
  #lost = 0;
  /** Bytes lost since the last that could be written. */
  #gap = 0;

  constructor(path: string, options: LogOptions) {
    const tailBytes = Math.min(MOST_TAIL_BYTES, Math.floor(options.maxBytes / 2));
    this.#options = options;
    this.#headBytes = options.maxBytes - tailBytes;
    const kept = options.kept ?? null;
    this.#taken = kept?.size ?? 0;
    this.#text = new NewFile(path, kept?.size ?? null);
    this.#index = new NewFile(indexPath(path), kept === null || kept.indexSize === 0 ? null : kept.indexSize);
    this.#tail = new LogTail(tailBytes);
  }

  write(stream: Stream, chunk: Uint8Array): void {
    const time = this.#options.now();
    const room = Math.max(0, this.#headBytes - this.#taken);
    this.#taken += chunk.length;
    if (room > 0) this.#keep(stream, time, chunk.subarray(0, room));
    if (chunk.length > room) this.#tail.push(stream, time, chunk.subarray(room));
  }

  close(): LogSummary {
    const { dropped } = this.#tail;
    if (dropped > 0) this.#remark(`${dropped} bytes left out here: the log is limited to ${this.#limit()}`);
    this.#keepTail();
    if (this.#gap > 0) this.#remarkGap();
    this.#text.close();
    this.#index.close();
    return { taken: this.#taken, dropped, lost: this.#lost, notes: this.#notes(dropped) };
  }

  #keep(source: Stream, time: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#gap > 0 && !this.#remarkGap()) this.#lose(bytes.length);
    else {
      if (!this.#isCrowded()) this.#mark([{ source, time, offset: this.#text.size }]);
      this.#append(bytes);
    }
  }

  #keepTail(): void {
    const { bytes, marks } = this.#tail.take();
    if (bytes.length === 0) return;
    if (this.#gap > 0 && !this.#remarkGap()) this.#lose(bytes.length);
    else {
      this.#mark(marks.map((mark) => ({ ...mark, offset: this.#text.size + mark.offset })));
      this.#append(bytes);
    }
  }

  #append(bytes: Uint8Array): void {
    const written = this.#text.append(bytes);
    if (written > 0) this.#endsLine = bytes[written - 1] === NEWLINE;
    if (written < bytes.length) this.#lose(bytes.length - written);
  }

  #lose(bytes: number): void {
    this.#lost += bytes;
    this.#gap += bytes;
  }

  /** Notes the bytes of the gap where they are missing; false when that cannot be written either. */
  #remarkGap(): boolean {
    const written = this.#remark(`${this.#gap} bytes could not be written here: ${this.#text.trouble}`);
    if (written) this.#gap = 0;
    return written;
  }

  /** Writes a line of our own, after ending the task's. */
  #remark(text: string): boolean {
    if (!this.#endsLine) this.#endsLine = this.#text.append(Buffer.from('\n')) === 1;
    this.#mark([{ source: 'runner', time: this.#options.now(), offset: this.#text.size }]);
    const line = Buffer.from(`[runner] ${text}\n`);
    const written = this.#text.append(line);
    if (written > 0) this.#endsLine = written === line.length;
    return written === line.length;
  }

  /** Whether the index has grown so large that the task's bytes count as written by who wrote last. */
  #isCrowded(): boolean {
    return this.#index.size > this.#text.size + INDEX_ALLOWANCE && this.#marked?.source !== 'runner';
  }

  /** Says who writes next, unless the index says so already. It is no harm when it cannot be written; a torn one is left. */
  #mark(marks: readonly LogMark[]): void {
    const fresh = marks.filter((mark, at) => !sameOrigin(mark, at > 0 ? marks[at - 1] : this.#marked));
    if (fresh.length === 0 || this.#index.size % MARK_BYTES !== 0) return;
    const bytes = encodeMarks(fresh);
    if (this.#index.append(bytes) === bytes.length) this.#marked = fresh.at(-1) ?? null;
  }

  #notes(dropped: number): string[] {
    const { trouble } = this.#text;
    return [
      ...(dropped > 0 ? [`log cut: ${dropped} bytes in the middle left out, limited to ${this.#limit()}`] : []),
      ...(this.#lost > 0 ? [`log incomplete: ${this.#lost} bytes could not be written (${trouble})`] : []),
    ];
  }

  #limit(): string {
    return formatSize(this.#options.maxBytes);
  }
}

const NEWLINE = 0x0a;

function sameOrigin(mark: LogMark, before: LogMark | null | undefined): boolean {
  return before?.source === mark.source && before.time === mark.time;
}
