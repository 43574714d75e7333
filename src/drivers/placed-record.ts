import { promises as files } from 'node:fs';
import { join } from 'node:path';
import type { TaskUser } from '../model/task-user.ts';

/** A file or folder that was made for a job; a folder stands before what is in it. */
export interface Placed {
  readonly kind: 'file' | 'folder';
  readonly path: string;
  readonly owner: FileOwner | null;
}

/** A user that is not ours, to whom what is made is given. */
export type FileOwner = Pick<TaskUser, 'uid' | 'gid'>;

/**
 * What was made for a job, in its scratch folder too, so that another process can take it away. A thing is written down after
 * it was made: a crash in between leaves it behind, but nothing is ever taken away that was there before.
 */
export class PlacedRecord {
  readonly placed: Placed[] = [];
  readonly #scratch: string;

  constructor(scratch: string) {
    this.#scratch = scratch;
  }

  async add(placed: Placed): Promise<void> {
    this.placed.push(placed);
    await files.mkdir(this.#scratch, { recursive: true, mode: 0o700 });
    await files.appendFile(recordPath(this.#scratch), `${JSON.stringify(placed)}\n`, { mode: 0o600 });
  }
}

/** What stands in the record of a scratch folder; nothing when there is none. */
export async function readPlaced(scratch: string): Promise<readonly Placed[]> {
  const text = await files.readFile(recordPath(scratch), 'utf8').catch(emptyWhenMissing);
  // A line that was cut off names something whose making was not seen through.
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Placed);
}

function emptyWhenMissing(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}

function recordPath(scratch: string): string {
  return join(scratch, 'placed');
}
