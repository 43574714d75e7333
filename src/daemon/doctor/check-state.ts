import { lstatSync, readFileSync } from 'node:fs';
import { diskRoom } from '../../util/disk-room.ts';
import { folderBytes } from '../../util/folder-bytes.ts';
import { formatSize } from '../../util/size.ts';
import { type Check, error, ok, some, warning } from './check.ts';

/** What an executor takes at most when all is well. */
const EXECUTOR_BYTES = 256 * 1024 ** 2;

/** Nobody but the daemon may read or change what it keeps. */
export const stateFolder: Check = ({ opened: { folder }, config: { osExec } }) => {
  const { path, keyFile, secretKeyFile, tokenFile, database: records, executor: place, cache, runs } = folder;
  const isShared = osExec.user !== null;
  const allowed = (file: string): number => (!isShared ? 0 : file === path ? 0o011 : file === runs ? 0o010 : 0);
  const files = [path, keyFile, secretKeyFile, tokenFile, records, place, cache, runs];
  const open = files.filter((file) => (modeOf(file) & 0o077 & ~allowed(file)) !== 0);
  if (open.length === 0) return ok(`${path} is private`);
  return error(`others can get at what only the daemon should: chmod go= ${open.join(' ')}`);
};

/** Everything that was acknowledged is there, and can be read. */
export const database: Check = async ({ opened }) => {
  const { loss, folder } = opened;
  const damaged = await opened.database.check();
  if (damaged.length > 0) {
    return error(`damaged files in ${folder.database}: ${some(damaged)}; restore a backup`);
  }
  if (loss !== null) {
    return error(
      `commits after number ${loss.after} were acknowledged and are gone; look at the disk, see docs/state.md`,
    );
  }
  return ok(`${formatSize(await folderBytes(folder.database))} in ${folder.database}`);
};

/** There is room for new runs. */
export const disk: Check = async ({ opened, config }) => {
  const { problem, freeBytes } = await diskRoom(opened.folder.path, config.disk);
  if (problem === null) return ok(`${formatSize(freeBytes)} free`);
  return error(`${problem}; no run starts: make room, or runner prune with a smaller retention`);
};

/** The process that executes tasks can be reached, and is as small as it should be. */
export const executor: Check = async ({ executor: line }) => {
  const running = (await line.list()).length;
  const { pid } = line;
  if (pid === null) return error('no line to the executor; see the log of the daemon');
  const bytes = memoryOf(pid);
  const words = `pid ${pid}, ${running} running`;
  if (bytes === null) return ok(words);
  const all = `${words}, ${formatSize(bytes)} of memory`;
  return bytes > EXECUTOR_BYTES
    ? warning(`${all}, which is more than it should take; it begins anew when it is idle`)
    : ok(all);
};

function modeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}

function memoryOf(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
