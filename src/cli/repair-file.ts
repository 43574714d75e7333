import { resolve } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { replaceFile } from '../util/replace-file.ts';
import { repair } from '../workflow/repair.ts';
import type { CliIO } from './io.ts';
import { type LoadedFile, needsPlugins, openFile, withCalled } from './load-file.ts';
import type { PluginFolder } from './plugin-folder.ts';

/** A workflow file after its repair. */
export interface RepairedFile extends LoadedFile {
  readonly repairs: readonly Diagnostic[];
}

/** Mends one workflow file in its place. A file that cannot be written is left alone, and an error says so. */
export async function repairFile(
  path: string,
  io: Pick<CliIO, 'cwd' | 'env'>,
  plugins: PluginFolder,
): Promise<RepairedFile> {
  const opened = openFile(path, io);
  if ('diagnostic' in opened) return { workflow: null, diagnostics: [opened.diagnostic], repairs: [] };
  const first = await repair(opened.source, opened.options);
  const { bytes, repairs, loaded } = needsPlugins(first.loaded)
    ? await repair(opened.source, await plugins.extend(opened.options))
    : first;
  if (repairs.length === 0) return { ...(await withCalled(loaded, path, io, plugins)), repairs };
  try {
    replaceFile(resolve(io.cwd, path), opened.source.bytes, bytes);
    return { ...(await withCalled(loaded, path, io, plugins)), repairs };
  } catch (error) {
    return { workflow: null, diagnostics: [cannotWrite(path, error)], repairs: [] };
  }
}

function cannotWrite(file: string, error: unknown): Diagnostic {
  const reason = error instanceof Error ? error.message : String(error);
  const place = { file, line: 1, column: 1, length: 1 };
  return { code: 'cannot-write', severity: 'error', message: `the file cannot be repaired: ${reason}`, place };
}
