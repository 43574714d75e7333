import { chmod, chown, link, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Job } from '../../model/ports.ts';
import { placeFiles } from '../injected-files.ts';
import { homeOf, outputFilesOf } from './container-request.ts';
import type { DockerSpec } from './container-spec.ts';
import type { Failure } from './engine-words.ts';
import type { DockerPolicy } from './policy.ts';

type Owner = NonNullable<DockerPolicy['taskUser']>;

/** Makes the files and folders that a container shares, for the user of tasks if there is one; null when they are ready. */
export async function makeReady(job: Job, spec: DockerSpec, owner: Owner | null): Promise<Failure | null> {
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
  if (owner) await chown(homeOf(job), owner.uid, owner.gid);
  for (const { source, target } of outputFilesOf(job)) {
    await writeFile(source, '', { mode: 0o600 });
    if (owner) await chown(source, owner.uid, owner.gid);
    // Whoever the task is inside; outside nobody else gets as far as this file.
    if (spec.user !== null) await chmod(source, 0o666);
    await rm(target, { force: true });
    await link(source, target);
  }
  if (job.files.length === 0) return null;
  const placed = await placeFiles(job, folder, owner);
  return placed.kind === 'failed' ? placed : null;
}

/** Who a task is inside: who tasks are or, with an engine that is not root's but ours, its root, which stands for us. */
export async function usualUserAt(socketPath: string, taskUser: Owner | null): Promise<string> {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const engineOwner = await stat(socketPath).then(
    ({ uid }) => uid,
    () => 0,
  );
  if (engineOwner !== 0 && engineOwner === own.uid) return '0:0';
  const { uid, gid } = taskUser ?? own;
  return `${uid}:${gid}`;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
