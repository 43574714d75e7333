import { resolve } from 'node:path';
import { BUILTIN_TYPES } from '../builtin.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Workflow } from '../model/workflow.ts';
import { findProgram } from '../util/find-program.ts';
import { readRegularFile } from '../util/read-file.ts';
import { workflowId } from '../util/workflow-id.ts';
import { type Loaded, type LoadOptions, loadWorkflow, type WorkflowBytes } from '../workflow/load.ts';
import type { CalledFiles } from './called-files.ts';
import type { CliIO } from './io.ts';
import type { PluginFolder } from './plugin-folder.ts';

/** A workflow file as a command got it: the plan, or null, and all that is to be said about the file. */
export interface LoadedFile {
  readonly workflow: Workflow | null;
  /** About the file, also about what it calls. */
  readonly diagnostics: readonly Diagnostic[];
  /** The workflows it calls, and those they call, by id; left out when it calls none. */
  readonly called?: CalledFiles;
}

/** The bytes of a file and how they are loaded, or why they cannot be had. */
export type OpenedFile =
  | { readonly source: WorkflowBytes; readonly options: LoadOptions }
  | { readonly diagnostic: Diagnostic };

/** Reads and compiles one workflow file. The path is shown as it was typed. Plugins are loaded when it needs one. */
export async function loadFile(
  path: string,
  io: Pick<CliIO, 'cwd' | 'env'>,
  plugins: PluginFolder | null,
): Promise<LoadedFile> {
  const opened = openFile(path, io);
  if ('diagnostic' in opened) return { workflow: null, diagnostics: [opened.diagnostic] };
  return withCalled(await loadOpened(opened, plugins), path, io, plugins);
}

/** Compiles a file that has been read, with plugins if it needs any. */
export async function loadOpened(
  { source, options }: Exclude<OpenedFile, { readonly diagnostic: unknown }>,
  plugins: PluginFolder | null,
): Promise<Loaded> {
  const loaded = await loadWorkflow(source, options);
  if (plugins === null || !needsPlugins(loaded)) return loaded;
  return loadWorkflow(source, await plugins.extend(options));
}

/** Adds to a file what it calls. */
export async function withCalled(
  loaded: LoadedFile,
  path: string,
  io: Pick<CliIO, 'cwd' | 'env'>,
  plugins: PluginFolder | null,
): Promise<LoadedFile> {
  const { workflow, diagnostics } = loaded;
  if (!workflow || workflow.calls.length === 0) return loaded;
  const { loadCalled } = await import('./called-files.ts');
  const called = await loadCalled(workflow, path, io, plugins);
  return { workflow, diagnostics: [...diagnostics, ...called.findings], called };
}

/** Reads one workflow file. */
export function openFile(path: string, io: Pick<CliIO, 'cwd' | 'env'>): OpenedFile {
  const absolute = resolve(io.cwd, path);
  const read = readRegularFile(absolute, path);
  if ('diagnostic' in read) return read;
  const dialect = findProgram('bash', io.env.PATH ?? '') === undefined ? 'sh' : 'bash';
  const source = { file: path, id: workflowId(absolute), bytes: read.bytes };
  return { source, options: { types: BUILTIN_TYPES, dialect } };
}

/** What a file says that only a plugin may understand; a helper without values looks like a reference. */
const UNKNOWN: ReadonlySet<string> = new Set([
  'unknown-type',
  'unknown-trigger',
  'unknown-helper',
  'unknown-reference',
]);

/** Whether a file speaks of what the program does not bring. */
export function needsPlugins({ diagnostics }: Pick<Loaded, 'diagnostics'>): boolean {
  return diagnostics.some(({ code }) => UNKNOWN.has(code));
}
