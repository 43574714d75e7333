import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What the witness says: who wrote the database, and the number of the last commit that was acknowledged. */
export interface Testimony {
  readonly schema: number;
  readonly number: number;
}

const LINE = /^runner database, schema (\d{6}), commit (\d{16})\n$/;

/**
 * A file beside LevelDB's that holds the number of the last commit, so that the loss of the newest commits is noticed. It is not
 * synced: after a loss of power it may be older than the database, or not be there, which only means that it knows less.
 */
export class WitnessFile {
  readonly #descriptor: number;

  /** Opens or makes the file, for its owner only. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'a+', 0o600);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(path, 'r+');
  }

  /** One small write, always of the same length. */
  write({ schema, number }: Testimony): void {
    const line = `runner database, schema ${pad(schema, 6)}, commit ${pad(number, 16)}\n`;
    writeSync(this.#descriptor, line, 0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** What a witness file says; null when there is none, or when it says nothing that makes sense. */
export function readWitness(path: string): Testimony | null {
  try {
    const [, schema, number] = LINE.exec(readFileSync(path, 'latin1')) ?? [];
    return schema === undefined ? null : { schema: Number(schema), number: Number(number) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
