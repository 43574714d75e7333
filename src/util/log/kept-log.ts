import { statSync } from 'node:fs';
import type { Stream } from '../../model/ports.ts';
import { indexPath } from './log-index.ts';
import { runsOf } from './log-reader.ts';

/** What stands in a log that an earlier process began. */
export interface KeptLog {
  /** Bytes in the file, and in its index. */
  readonly size: number;
  readonly indexSize: number;
  /** Bytes of each stream. */
  readonly bytes: Readonly<Record<Stream, number>>;
  /** Whether the log was ended, since it holds remarks of ours; nothing may be added to it. */
  readonly isEnded: boolean;
}

/** What stands in the log at a path; null when there is none. */
export function keptLog(path: string): KeptLog | null {
  const size = sizeOf(path);
  if (size === null) return null;
  const bytes: Record<Stream, number> = { stdout: 0, stderr: 0 };
  let isEnded = false;
  for (const { mark, end } of runsOf(path, size)) {
    if (mark.source === 'runner') isEnded = true;
    else bytes[mark.source] += end - mark.offset;
  }
  return { size, indexSize: sizeOf(indexPath(path)) ?? 0, bytes, isEnded };
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
