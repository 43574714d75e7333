import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { RunEvent } from '../model/event.ts';

/** The events of one run as an append-only file, one JSON object a line, unsynced: `exec` is not recovered. */
export class EventFile {
  readonly #descriptor: number;
  readonly #mask: (text: string) => string;
  #problem: string | null = null;

  /** `mask` takes known secrets out of a text. @throws when the file exists or cannot be made. */
  constructor(path: string, mask: (text: string) => string) {
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW } = constants;
    this.#descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, 0o600);
    this.#mask = mask;
  }

  /** Why the file ends before the run does, or null. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Appends a batch. Values of confidential outputs are left out. A disk that is full or broken is no reason to end a run. */
  append(events: readonly RunEvent[]): void {
    if (this.#problem !== null) return;
    const lines = events.map((event) => textOf(event)).join('\n');
    try {
      this.#write(Buffer.from(`${this.#mask(lines)}\n`));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      this.#problem = error.message;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** A disk that is nearly full takes a part, and says why only when it is given the rest. */
  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
  }
}

/** A replacer makes JSON three times as slow, and only ends hold outputs. */
function textOf(event: RunEvent): string {
  return event.type === 'task-ended' && 'outputs' in event.end && hasAny(event.end.outputs)
    ? JSON.stringify(event, withoutSecrets)
    : JSON.stringify(event);
}

function hasAny(values: object): boolean {
  for (const _ in values) return true;
  return false;
}

function withoutSecrets(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('confidential' in value)) return value;
  return value.confidential === true ? { ...value, value: '***' } : value;
}
