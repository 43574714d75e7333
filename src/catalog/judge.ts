import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Diagnostic } from '../model/diagnostic.ts';
import { readRegularFile } from '../util/read-file.ts';
import type { Loaded, WorkflowBytes } from '../workflow/load.ts';
import type { Verdict } from './entry.ts';
import { idOf } from './file-names.ts';
import { type FileLook, lookAt } from './scan-folder.ts';

/** How files are read and loaded. */
export interface JudgeOptions {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** The path of a file as shown in messages. */
  readonly shown: (path: string) => string;
  readonly maxBytes: number;
  readonly load: (source: WorkflowBytes) => Promise<Loaded>;
}

/** What was found out about a file, and how it looked then. */
export interface JudgedFile {
  readonly print: string;
  /** Of its content; null when it could not be read. */
  readonly hash: string | null;
  readonly verdict: Verdict;
}

/**
 * Reads a file and loads it if its content is new. Null when the file no longer is what `look` saw. Leaves room for other work before
 * it loads, because loading takes the processor for itself.
 */
export async function judgeFile(
  path: string,
  look: FileLook,
  known: JudgedFile | undefined,
  options: JudgeOptions,
): Promise<JudgedFile | null> {
  const file = options.shown(path);
  const place = join(options.folder, path);
  const read = readRegularFile(place, file, options.maxBytes);
  if (lookAt(place).print !== look.print) return null;
  const { print } = look;
  if ('diagnostic' in read)
    return { print, hash: null, verdict: { file, workflow: null, diagnostics: [read.diagnostic] } };
  const hash = createHash('sha256').update(read.bytes).digest('hex');
  if (known?.hash === hash) return { ...known, print };
  await setImmediate();
  const { workflow, diagnostics } = await loadSafely({ file, id: idOf(path), bytes: read.bytes }, options.load);
  return { print, hash, verdict: { file, workflow, diagnostics } };
}

// A file that brings the loader down must not bring everything else down.
async function loadSafely(source: WorkflowBytes, load: JudgeOptions['load']): Promise<Loaded> {
  try {
    return await load(source);
  } catch (error) {
    const place = { file: source.file, line: 1, column: 1, length: 1 };
    const message = `Internal error: the loader failed: ${String(error)}`;
    const diagnostic: Diagnostic = { code: 'loader-failed', severity: 'error', message, place };
    return { workflow: null, diagnostics: [diagnostic] };
  }
}
