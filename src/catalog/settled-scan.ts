import type { Clock } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import type { JudgedFile } from './judge.ts';
import { type FolderScan, isBlind, scanFolder } from './scan-folder.ts';

/** When a change counts as over. */
export interface SettleOptions {
  readonly clock: Clock;
  /** A file touched less than this ago, in ms, may still be written. */
  readonly settleMs: number;
}

/**
 * Looks at a folder; when something in it may be changing at this moment, once more after a pause. `restless` are the paths that
 * looked different then.
 */
export async function scanSettled(
  folder: string,
  known: ReadonlyMap<string, JudgedFile>,
  options: SettleOptions,
): Promise<{ readonly scan: FolderScan; readonly restless: ReadonlySet<string> }> {
  const first = await scanFolder(folder);
  if (!mayBeMoving(first, known, options)) return { scan: first, restless: new Set() };
  await pause(options.clock, options.settleMs);
  const scan = await scanFolder(folder);
  const paths = [...first.files.keys(), ...scan.files.keys()];
  return { scan, restless: new Set(paths.filter((path) => isDifferent(path, first, scan))) };
}

// Editors take a file away for a moment when they save; other programs write it in pieces.
function mayBeMoving(scan: FolderScan, known: ReadonlyMap<string, JudgedFile>, options: SettleOptions): boolean {
  const isGone = (path: string): boolean => !scan.files.has(path) && !isBlind(path, scan.blindSpots);
  if ([...known.keys()].some(isGone)) return true;
  const now = options.clock.now();
  return [...scan.files].some(([path, { print, touchedAt }]) => {
    return known.get(path)?.print !== print && Math.abs(now - touchedAt) < options.settleMs;
  });
}

function isDifferent(path: string, first: FolderScan, second: FolderScan): boolean {
  return first.files.get(path)?.print !== second.files.get(path)?.print;
}
