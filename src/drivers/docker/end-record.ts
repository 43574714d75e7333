import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '../../model/ports.ts';
import type { Exit } from '../../model/run.ts';

/** Keeps how a container ended: it is taken away before the end of its task is durable elsewhere. */
export async function keepEnd({ scratch }: Job, exit: Exit): Promise<void> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  await writeFile(endPath(scratch), `${JSON.stringify(exit)}\n`, { mode: 0o600, flush: true });
}

/** How the container of a job ended, if that was kept. */
export async function readEnd({ scratch }: Job): Promise<Exit | null> {
  const text = await readFile(endPath(scratch), 'utf8').catch(() => '');
  // A line that was cut off was not seen through.
  return text.endsWith('\n') ? (JSON.parse(text) as Exit) : null;
}

function endPath(scratch: string): string {
  return join(scratch, 'end.json');
}
