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
    const lines = events.map((event) => textOf(event)).join('\n');
    writeSync(this.#descriptor, `${this.#mask(lines)}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
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
