import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { Clock } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import { isFileAt } from './executor-place.ts';

/** Ends that come within this time share one sync, in ms. */
const SYNC_AFTER_MS = 100;

/** What may be in the file beyond what is needed, in bytes, before it is written anew. */
const SLACK_BYTES = 1024 * 1024;

/** Ends that nobody asked for in this time are dropped at the next start, in ms. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** How a task ended, kept until somebody else has it for good. */
export interface KeptEnd {
  readonly mark: string;
  readonly runId: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exit: Exit;
}

/** A line of the file. */
type Line = KeptEnd | { readonly forget: string };

/**
 * The ends of tasks, in memory and as an append-only file that is synced in the background: known after the death of everybody,
 * and of the machine, but for those of the last moment. A disk that fails is a problem to tell, not a reason to stop.
 */
export class EndFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onProblem: (message: string) => void;
  readonly #ends: Map<string, KeptEnd>;
  #file: number;
  #size = 0;
  #sizeWhenNew = 0;
  #isTorn = false;
  #isSynced = true;
  #isSyncing = false;
  #isClosed = false;

  /** Reads what is there. @throws when the file can neither be read nor made */
  constructor(path: string, clock: Clock, onProblem: (message: string) => void) {
    this.#path = path;
    this.#clock = clock;
    this.#onProblem = onProblem;
    this.#ends = readEnds(path, clock.now() - KEPT_MS);
    this.#file = this.#writeAnew();
  }

  get(mark: string): Exit | undefined {
    return this.#ends.get(mark)?.exit;
  }

  add(end: KeptEnd): void {
    this.#ends.set(end.mark, end);
    this.#append([end]);
  }

  forget(mark: string): void {
    if (this.#ends.delete(mark)) this.#append([{ forget: mark }]);
  }

  /** Forgets every end of a run. */
  forgetRun(runId: string): void {
    const marks = [...this.#ends.values()].filter((end) => end.runId === runId).map(({ mark }) => mark);
    for (const mark of marks) this.#ends.delete(mark);
    if (marks.length > 0) this.#append(marks.map((forget) => ({ forget })));
  }

  close(): void {
    this.#isClosed = true;
    if (!this.#isSyncing) closeSync(this.#file);
  }

  #append(lines: readonly Line[]): void {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    // After a torn line a new one begins, so that no more than the torn one is lost.
    const bytes = Buffer.from(this.#isTorn ? `\n${text}` : text);
    try {
      const written = writeSync(this.#file, bytes);
      this.#isTorn = written < bytes.length;
      this.#size += written;
      if (this.#isTorn) this.#onProblem(`the ends of tasks cannot be kept in ${this.#path}: it was cut off`);
    } catch (error) {
      this.#isTorn = true;
      this.#onProblem(`the ends of tasks cannot be kept in ${this.#path}: ${String(error)}`);
    }
    this.#syncSoon();
  }

  #syncSoon(): void {
    if (!this.#isSynced) return;
    this.#isSynced = false;
    this.#clock.after(SYNC_AFTER_MS, () => this.#sync());
  }

  #sync(): void {
    if (this.#isClosed) return;
    if (this.#isSyncing) {
      this.#clock.after(SYNC_AFTER_MS, () => this.#sync());
      return;
    }
    this.#isSynced = true;
    if (this.#size > 2 * this.#sizeWhenNew + SLACK_BYTES) this.#replace();
    this.#isSyncing = true;
    fdatasync(this.#file, (error) => {
      this.#isSyncing = false;
      if (error) this.#onProblem(`the ends of tasks may not be on the disk yet: ${error.message}`);
      if (this.#isClosed) closeSync(this.#file);
    });
  }

  /** Not when another file stands at the path: that one is not ours. */
  #replace(): void {
    if (!isFileAt(this.#path, fstatSync(this.#file).ino)) return;
    try {
      const old = this.#file;
      this.#file = this.#writeAnew();
      closeSync(old);
    } catch (error) {
      this.#onProblem(`the ends of tasks cannot be written anew to ${this.#path}: ${String(error)}`);
    }
  }

  /** Puts a file with what is needed in the place of the old one, and leaves it open. */
  #writeAnew(): number {
    const beside = `${this.#path}.new`;
    const text = [...this.#ends.values()].map((end) => `${JSON.stringify(end)}\n`).join('');
    const file = openSync(beside, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
      renameSync(beside, this.#path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    this.#size = Buffer.byteLength(text);
    this.#sizeWhenNew = this.#size;
    this.#isTorn = false;
    return file;
  }
}

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW } = constants;

function readEnds(path: string, oldest: number): Map<string, KeptEnd> {
  const ends = new Map<string, KeptEnd>();
  for (const text of readText(path).split('\n')) {
    const line = parse(text);
    if (line === null) continue;
    if ('forget' in line) ends.delete(line.forget);
    else if (line.endedAt >= oldest) ends.set(line.mark, line);
  }
  return ends;
}

/** null for an empty line, and for one that was torn by a full disk or a power cut. */
function parse(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
