import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { type Diagnostic, isUsable } from '../../model/diagnostic.ts';
import { defineCommand } from '../command.ts';
import { EXIT_SUCCESS, EXIT_USAGE } from '../exit-code.ts';
import type { CliIO } from '../io.ts';
import { type LoadedFile, loadFile } from '../load-file.ts';
import type { OptionValues } from '../options.ts';
import { PLUGINS_OPTION, PluginFolder } from '../plugin-folder.ts';
import { printDiagnostics } from '../print/diagnostics.ts';
import { printRepairs } from '../print/repairs.ts';

interface CheckedFile extends LoadedFile {
  readonly file: string;
  readonly valid: boolean;
  /** What `--fix` mended; missing without it. */
  readonly repairs?: readonly Diagnostic[];
}

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;
type Format = (typeof FORMATS)[number];

const OPTIONS = {
  fix: { kind: 'flag', description: 'Repair what can be repaired without guessing' },
  format: {
    kind: 'text',
    value: 'FORMAT',
    choices: FORMATS,
    description: 'How to print the findings: text, json, sarif (for viewers of code) or github (annotations)',
    fallback: 'text',
  },
  json: { kind: 'flag', description: 'The same as --format json' },
  plugins: PLUGINS_OPTION,
} as const;

/** `runner validate`: says everything that is wrong with workflow files, and repairs what is mechanical. */
export const validate = defineCommand({
  name: 'validate',
  summary: 'Check workflow files',
  details: [
    'A folder stands for all .yml and .yaml files below it. Exits 0 when every file can be used, else 2.',
    '--fix changes files in their place: no-break spaces and stray commas, // comments, other spellings of keys and the like. What is left is reported.',
  ],
  options: OPTIONS,
  operands: {
    name: 'PATH',
    description: 'a workflow file or a folder of them',
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  async run({ options, operands }, io) {
    const format = formatOf(options);
    if (format === null) {
      await io.stderr.write('runner validate: --json and --format exclude each other\n');
      return EXIT_USAGE;
    }
    const plugins = new PluginFolder(options.plugins, io);
    const files: CheckedFile[] = [];
    for (const file of operands.flatMap((path) => workflowFiles(path, io.cwd))) {
      files.push(await check(file, options.fix, plugins, io));
    }
    await plugins.close();
    const repairs = files.flatMap((file) => file.repairs ?? []);
    if (format !== 'json') await printRepairs(repairs, format === 'text' ? io.stdout : io.stderr);
    await print(files, format, io);
    return files.every((file) => file.valid) && files.length > 0 ? EXIT_SUCCESS : EXIT_USAGE;
  },
});

function formatOf({ format, json }: OptionValues<typeof OPTIONS>): Format | null {
  if (json) return format === undefined || format === 'json' ? 'json' : null;
  return FORMATS.find((known) => known === format) ?? 'text';
}

async function check(file: string, fix: boolean, plugins: PluginFolder, io: CliIO): Promise<CheckedFile> {
  const loaded = fix
    ? await (await import('../repair-file.ts')).repairFile(file, io, plugins)
    : await loadFile(file, io, plugins);
  return { ...loaded, file, valid: loaded.workflow !== null && isUsable(loaded.diagnostics) };
}

async function print(files: readonly CheckedFile[], format: Format, io: CliIO): Promise<void> {
  const all = files.flatMap(({ diagnostics }) => diagnostics);
  switch (format) {
    case 'json':
      return printJson(files, io);
    case 'text':
      return printText(files, io);
    case 'sarif': {
      const { sarifLog } = await import('../print/sarif.ts');
      await io.stdout.write(sarifLog(all, packageJson.version, io.cwd));
      return;
    }
    case 'github': {
      const { workflowCommands } = await import('../print/workflow-commands.ts');
      await io.stdout.write(workflowCommands(all));
    }
  }
}

async function printJson(files: readonly CheckedFile[], io: CliIO): Promise<void> {
  const shown = files.map(({ file, valid, repairs, diagnostics }) => ({ file, valid, repairs, diagnostics }));
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
