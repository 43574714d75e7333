import { resolve } from 'node:path';
import { BUILTIN_TYPES } from '../builtin.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Workflow } from '../model/workflow.ts';
import { findProgram } from '../util/find-program.ts';
import { readWorkflowFile } from '../util/read-file.ts';
import { workflowId } from '../util/workflow-id.ts';
import { loadWorkflow } from '../workflow/load.ts';
import type { CliIO } from './io.ts';

/** A workflow file as a command got it: the plan, or null, and all that is to be said about the file. */
export interface LoadedFile {
  readonly workflow: Workflow | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and compiles one workflow file. The path is shown as it was typed. */
export async function loadFile(path: string, io: Pick<CliIO, 'cwd' | 'env'>): Promise<LoadedFile> {
  const absolute = resolve(io.cwd, path);
  const read = readWorkflowFile(absolute, path);
  if ('diagnostic' in read) return { workflow: null, diagnostics: [read.diagnostic] };
  const dialect = findProgram('bash', io.env.PATH ?? '') === undefined ? 'sh' : 'bash';
  const source = { file: path, id: workflowId(absolute), bytes: read.bytes };
  return loadWorkflow(source, { types: BUILTIN_TYPES, dialect });
}
