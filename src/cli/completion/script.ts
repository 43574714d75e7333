import type { Command } from '../command.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { commandWords } from './words.ts';
import { zshScript } from './zsh.ts';

/** The completion script of a shell, made from the tables of the commands. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', commands: readonly Command[]): string {
  const words = commands.map(commandWords);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](words);
}
