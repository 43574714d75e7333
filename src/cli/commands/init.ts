import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import workflowSchema from '../../../schemas/workflow.schema.json' with { type: 'json' };
import { harmlessName } from '../../util/terminal-text.ts';
import { defineCommand } from '../command.ts';
import { EXIT_SUCCESS, EXIT_USAGE } from '../exit-code.ts';

/** `runner init`: a first workflow, and the schema that makes an editor check and complete it. */
export const init = defineCommand({
  name: 'init',
  summary: 'Write a first workflow to start from',
  details: [
    'Makes workflows/hello.yml in the folder, and beside it workflow.schema.json, which its first line names for editors. A file that is there already is left alone.',
  ],
  options: {},
  operands: { name: 'DIR', description: 'the folder; the current one when not given', least: 0, most: 1 },
  async run({ operands: [folder = '.'] }, io) {
    try {
      for (const [name, text] of FILES) {
        const path = join(folder, 'workflows', name);
        const written = writeNew(resolve(io.cwd, path), text);
        await io.stdout.write(`${written ? 'wrote' : 'left alone'} ${harmlessName(path)}\n`);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await io.stderr.write(`runner init: ${harmlessName(reason)}\n`);
      return EXIT_USAGE;
    }
    await io.stdout.write(`Next: runner exec ${shellWord(join(folder, 'workflows', 'hello.yml'))}\n`);
    return EXIT_SUCCESS;
  },
});

// The schema stands beside the files and not in the installed package, whose place differs from machine to machine.
const HELLO = `# yaml-language-server: $schema=workflow.schema.json
name: Hello
inputs:
  name: { type: string, default: world }
taskGroup:
  - name: greeting
    run: echo "text=Hello" >> "$OUTPUT_FILE"
    exports: [{ name: text }]
  - name: say
    imports: [{ from: greeting, variable: text }]
    run: echo "{{ greeting.text }}, {{ inputs.name }}!"
`;

const FILES = [
  ['hello.yml', HELLO],
  ['workflow.schema.json', `${JSON.stringify(workflowSchema, null, 2)}\n`],
] as const;

/** Writes a file that is not there yet; false when something is. A link that leads nowhere counts as a file. */
function writeNew(path: string, text: string): boolean {
  if (existsSync(path)) return false;
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
