import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Diagnostic, isUsable } from '../model/diagnostic.ts';
import type { Workflow } from '../model/workflow.ts';
import { checkCalls } from '../workflow/check-calls.ts';
import type { CliIO } from './io.ts';
import { loadOpened, openFile } from './load-file.ts';
import type { PluginFolder } from './plugin-folder.ts';

/** What a workflow file calls, directly or through others. */
export interface CalledFiles {
  /** By id, those that can be used. */
  readonly workflows: ReadonlyMap<string, Workflow>;
  /** What is wrong with the file's own calls. */
  readonly findings: readonly Diagnostic[];
  /** What is wrong with the other files and their calls. */
  readonly beyond: readonly Diagnostic[];
}

/** Reads all that the workflow of the file at `path` calls: files below the folder that its id counts from. */
export async function loadCalled(
  workflow: Workflow,
  path: string,
  io: Pick<CliIO, 'cwd' | 'env'>,
  plugins: PluginFolder | null,
): Promise<CalledFiles> {
  const root = workflow.id.split('/').reduce((folder) => dirname(folder), path);
  const found = new Map<string, Workflow | null | undefined>([[workflow.id, workflow]]);
  const beyond: Diagnostic[] = [];
  // A map that grows while it is walked reaches every file, each once.
  for (const [, caller] of found) {
    for (const { workflow: id } of caller?.calls ?? []) {
      if (found.has(id)) continue;
      const loaded = await load(join(root, id), id, io, plugins);
      found.set(id, loaded?.workflow);
      beyond.push(...(loaded?.diagnostics ?? []));
    }
  }
  const callable = { find: (id: string) => found.get(id), ids: () => [...found.keys()].filter((id) => found.get(id)) };
  const usable = [...found.values()].filter((one) => one instanceof Object);
  const others = usable.filter((one) => one !== workflow);
  return {
    workflows: new Map(others.map((one) => [one.id, one])),
    findings: checkCalls(workflow, callable),
    beyond: [...beyond, ...others.flatMap((one) => checkCalls(one, callable))],
  };
}

async function load(
  base: string,
  id: string,
  io: Pick<CliIO, 'cwd' | 'env'>,
  plugins: PluginFolder | null,
): Promise<{ readonly workflow: Workflow | null; readonly diagnostics: readonly Diagnostic[] } | undefined> {
  const path = [`${base}.yml`, `${base}.yaml`].find((one) => existsSync(resolve(io.cwd, one)));
  if (path === undefined) return undefined;
  const opened = openFile(path, io);
  if ('diagnostic' in opened) return { workflow: null, diagnostics: [opened.diagnostic] };
  const { workflow, diagnostics } = await loadOpened({ ...opened, source: { ...opened.source, id } }, plugins);
  return { workflow: isUsable(diagnostics) ? workflow : null, diagnostics };
}
