import { statfs } from 'node:fs/promises';
import { formatSize } from './size.ts';

/** How much room must be left on a disk; the larger of both counts. */
export interface RoomLimits {
  readonly minFreeBytes: number;
  readonly minFreePercent: number;
}

/** The disk a path is on. */
export interface DiskRoom {
  /** Bytes that are left for this user. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Why nothing new should begin, in words, or null when there is room. */
  readonly problem: string | null;
}

/** How much room is left where a path is. @throws when the path does not exist */
export async function diskRoom(path: string, limits: RoomLimits): Promise<DiskRoom> {
  const { bavail, blocks, bsize } = await statfs(path);
  return judgeRoom(bavail * bsize, blocks * bsize, limits);
}

/** Whether that much of a disk is enough. */
export function judgeRoom(freeBytes: number, totalBytes: number, limits: RoomLimits): DiskRoom {
  const wanted = Math.max(limits.minFreeBytes, (totalBytes * limits.minFreePercent) / 100);
  const isShort = freeBytes < wanted;
  const problem = isShort
    ? `the disk is nearly full: ${formatSize(freeBytes)} free, ${formatSize(wanted)} wanted`
    : null;
  return { freeBytes, totalBytes, problem };
}
