import { hash } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';

/** What the witness says: who wrote the database, and the number of the last commit that was acknowledged. */
export interface Testimony {
  readonly schema: number;
  readonly number: number;
}

const LINE = /^runner database, schema (\d{6}), commit (\d{15}), /;

/**
 * A file beside LevelDB's that holds the number of the last commit, so that the loss of the newest commits is noticed. It is not
 * synced: after a loss of power it may be older than the database, or not be there, which only means that it knows less.
 */
export class WitnessFile {
  readonly #descriptor: number;

  /** Opens or makes the file, for its owner only. */
  constructor(path: string) {
    // Not for appending, and without emptying what is there: that may be needed once more.
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** One small write, always of the same length. */
  write(testimony: Testimony): void {
    writeSync(this.#descriptor, lineOf(testimony), 0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** What a witness file says; null when there is none, or when it says nothing that makes sense. */
export function readWitness(path: string): Testimony | null {
  try {
    const line = readFileSync(path, 'latin1');
    const [, schema, number] = LINE.exec(line) ?? [];
    const testimony = { schema: Number(schema), number: Number(number) };
    return line === lineOf(testimony) ? testimony : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function lineOf({ schema, number }: Testimony): string {
  const facts = `runner database, schema ${pad(schema, 6)}, commit ${pad(number, 15)}`;
  return `${facts}, check ${hash('sha256', facts).slice(0, 8)}\n`;
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
