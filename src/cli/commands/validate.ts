import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isUsable } from '../../model/diagnostic.ts';
import { defineCommand } from '../command.ts';
import { EXIT_SUCCESS, EXIT_USAGE } from '../exit-code.ts';
import type { CliIO } from '../io.ts';
import { type LoadedFile, loadFile } from '../load-file.ts';
import { printDiagnostics } from '../print/diagnostics.ts';

interface CheckedFile extends LoadedFile {
  readonly file: string;
  readonly valid: boolean;
}

/** `runner validate`: says everything that is wrong with workflow files. */
export const validate = defineCommand({
  name: 'validate',
  summary: 'Check workflow files',
  details: ['A folder stands for all .yml and .yaml files below it. Exits 0 when every file can be used, else 2.'],
  options: { json: { kind: 'flag', description: 'Print the findings as JSON' } },
  operands: {
    name: 'PATH',
    description: 'a workflow file or a folder of them',
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  async run({ options, operands }, io) {
    const files: CheckedFile[] = [];
    for (const file of operands.flatMap((path) => workflowFiles(path, io.cwd))) {
      const loaded = await loadFile(file, io);
      files.push({ ...loaded, file, valid: loaded.workflow !== null && isUsable(loaded.diagnostics) });
    }
    await (options.json ? printJson(files, io) : printText(files, io));
    return files.every((file) => file.valid) && files.length > 0 ? EXIT_SUCCESS : EXIT_USAGE;
  },
});

async function printJson(files: readonly CheckedFile[], io: CliIO): Promise<void> {
  const shown = files.map(({ file, valid, diagnostics }) => ({ file, valid, diagnostics }));
  await io.stdout.write(`${JSON.stringify({ files: shown }, null, 2)}\n`);
}

async function printText(files: readonly CheckedFile[], io: CliIO): Promise<void> {
  for (const { diagnostics } of files) await printDiagnostics(diagnostics, io.stderr);
  const invalid = files.filter((file) => !file.valid).length;
  const total = files.length === 1 ? '1 file' : `${files.length} files`;
  if (files.length === 0) await io.stderr.write('runner validate: there are no .yml or .yaml files here\n');
  else
    await io.stdout.write(invalid === 0 ? `${total} checked, all valid\n` : `${total} checked, ${invalid} invalid\n`);
}

/** A file as it was named; of a folder all workflow files below it, sorted, hidden ones left out. */
function workflowFiles(path: string, cwd: string): string[] {
  if (!statSync(resolve(cwd, path), { throwIfNoEntry: false })?.isDirectory()) return [path];
  return readdirSync(resolve(cwd, path), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = join(path, entry.name);
      if (entry.name.startsWith('.')) return [];
      if (entry.isDirectory()) return workflowFiles(below, cwd);
      return /\.ya?ml$/i.test(entry.name) ? [below] : [];
    });
}
