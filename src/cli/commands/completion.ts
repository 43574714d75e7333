import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { EXIT_SUCCESS, EXIT_USAGE } from '../exit-code.ts';
import { loadFile } from '../load-file.ts';
import { PluginFolder } from '../plugin-folder.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `runner completion`: the script that makes a shell complete the words of `runner`. */
export const completion = defineCommand({
  name: 'completion',
  summary: 'Print a script that makes your shell complete commands',
  details: [
    'bash: eval "$(runner completion bash)" in ~/.bashrc. zsh: the same in ~/.zshrc, after compinit. fish: runner completion fish | source in config.fish.',
  ],
  options: {
    tasks: { kind: 'text', value: 'FILE', description: 'Print the names of the tasks of a file instead' },
    daemon: {
      kind: 'text',
      value: 'WHAT',
      choices: ['workflows', 'runs'],
      description: 'Print names that the daemon knows instead: workflows or runs',
    },
    begin: { kind: 'text', value: 'WORD', description: 'With --daemon: only those that begin so' },
  },
  operands: { name: 'SHELL', description: SHELLS.join(', '), choices: SHELLS, least: 0, most: 1 },
  async run({ options, operands: [name] }, io) {
    if (options.tasks !== undefined) {
      const plugins = new PluginFolder(undefined, io);
      const { workflow } = await loadFile(options.tasks, io, plugins).finally(() => plugins.close());
      // Combinations of a matrix hold marks that shells read themselves.
      const tasks = (workflow?.tasks ?? []).filter(({ matrix }) => matrix?.kind !== 'instance');
      await io.stdout.write(tasks.map((task) => `${task.name}\n`).join(''));
      return EXIT_SUCCESS;
    }
    if (options.daemon !== undefined) {
      const { runNames, workflowIds } = await import('../completion/daemon-words.ts');
      const names = await (options.daemon === 'runs' ? runNames : workflowIds)(options.begin ?? '', io);
      await io.stdout.write(names.map((name) => `${name}\n`).join(''));
      return EXIT_SUCCESS;
    }
    const shell = SHELLS.find((known) => known === name);
    if (shell === undefined) {
      await io.stderr.write(`runner completion: expected one of ${SHELLS.join(', ')}\n`);
      return EXIT_USAGE;
    }
    const { completionScript } = await import('../completion/script.ts');
    await io.stdout.write(completionScript(shell, await allCommands()));
    return EXIT_SUCCESS;
  },
});

// The list names this command too, so it is read when it is needed.
async function allCommands(): Promise<Command[]> {
  const { COMMANDS } = await import('../command-list.ts');
  return Promise.all(COMMANDS.map((entry) => entry.load()));
}
