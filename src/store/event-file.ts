import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { RunEvent } from '../model/event.ts';

/** The events of one run as an append-only file, one JSON object a line, unsynced: `exec` is not recovered. */
export class EventFile {
  readonly #descriptor: number;
  readonly #mask: (text: string) => string;

  /** `mask` takes known secrets out of a text. @throws when the file exists or cannot be made. */
  constructor(path: string, mask: (text: string) => string) {
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW } = constants;
    this.#descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, 0o600);
    this.#mask = mask;
  }

  /** Appends a batch in one write. Values of confidential outputs are left out. */
  append(events: readonly RunEvent[]): void {
    const lines = events.map((event) => JSON.stringify(event, withoutSecrets)).join('\n');
    writeSync(this.#descriptor, `${this.#mask(lines)}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function withoutSecrets(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('confidential' in value)) return value;
  return value.confidential === true ? { ...value, value: '***' } : value;
}
