import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Job } from '../../model/ports.ts';
import { placeFiles } from '../injected-files.ts';
import { homeOf, outputFilesOf } from './container-request.ts';
import type { DockerSpec } from './container-spec.ts';
import type { Failure } from './engine-words.ts';

/** Makes the files and folders that a container shares; null when they are ready. */
export async function makeReady(job: Job, spec: DockerSpec): Promise<Failure | null> {
  const folder = resolve(job.workspace, job.workingDir ?? '');
  const isShared = folder === job.workspace || folder.startsWith(`${job.workspace}/`);
  // The engine would make it, as root.
  if (isShared && !(await isFolder(folder))) {
    return { kind: 'failed', reason: 'bad_working_dir', message: `the working folder "${folder}" is not a folder` };
  }
  if (!isShared && job.files.length > 0) {
    const message = `files are put below the workspace, and the working folder "${folder}" is the container's own`;
    return { kind: 'failed', reason: 'bad_file', message };
  }
  await mkdir(homeOf(job), { recursive: true, mode: 0o700 });
  for (const file of outputFilesOf(job)) {
    await writeFile(file, '', { flag: 'a', mode: 0o600 });
    // Whoever the task is inside; outside nobody else gets as far as this file.
    if (spec.user !== null) await chmod(file, 0o666);
  }
  if (job.files.length === 0) return null;
  const placed = await placeFiles(job, folder);
  return placed.kind === 'failed' ? placed : null;
}

/** Who we are inside: ourselves or, with an engine that is not root's but ours, its root, which stands for us. */
export async function ownUserAt(socketPath: string): Promise<string> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const owner = await stat(socketPath).then(
    (stats) => stats.uid,
    () => 0,
  );
  return owner === uid ? '0:0' : `${uid}:${gid}`;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
