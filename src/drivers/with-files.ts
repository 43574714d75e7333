import type { DriverIO, Job } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import type { TaskUser } from '../model/task-user.ts';
import { placeFiles } from './injected-files.ts';

/** Where the files of a job go, whose they are, and who is told. */
export interface FilesPlace {
  /** Absolute path of the working folder. */
  readonly folder: string;
  /** null is this program's own user. */
  readonly owner: TaskUser | null;
  readonly io: Pick<DriverIO, 'phase'>;
}

/** Runs a job with its files in place; they are taken away after it. */
export async function withFiles(job: Job, { folder, owner, io }: FilesPlace, run: () => Promise<Exit>): Promise<Exit> {
  if (job.files.length === 0) return run();
  io.phase('provisioning');
  const files = await placeFiles(job, folder, owner);
  return files.kind === 'failed' ? files : thenRemove(io, run, files.remove);
}

/** Runs a job, then takes away what was put in place for it; what went wrong with that is noted. */
export async function thenRemove(
  io: Pick<DriverIO, 'phase'>,
  run: () => Promise<Exit>,
  remove: () => Promise<readonly string[]>,
): Promise<Exit> {
  let notes: readonly string[] = [];
  let exit: Exit;
  try {
    exit = await run();
  } finally {
    io.phase('deprovisioning');
    notes = await remove();
  }
  return withNotes(exit, notes);
}

function withNotes(exit: Exit, notes: readonly string[]): Exit {
  if (notes.length === 0 || exit.kind === 'failed') return exit;
  return { ...exit, notes: [...(exit.notes ?? []), ...notes] };
}
