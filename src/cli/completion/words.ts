import type { Command } from '../command.ts';
import { longName, type Operands, type Option } from '../options.ts';

/** What can stand in one place of a command line; `workflows` are files, `ids` those of the daemon's workflows. */
export type Words =
  | { readonly kind: 'files' | 'workflows' | 'folders' | 'tasks' | 'ids' | 'runs' | 'anything' }
  | { readonly kind: 'choices'; readonly choices: readonly string[] };

/** An option as a shell needs it. */
export interface OptionWords {
  readonly long: string;
  readonly short: string | null;
  readonly description: string;
  /** null when it takes no value. */
  readonly value: Words | null;
}

/** A command as a shell needs it. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  readonly operands: Words | null;
}

/** What can be completed of a command, from its table. */
export function commandWords({ name, summary, options, operands }: Command): CommandWords {
  const own = Object.entries(options).map(([key, option]) => ({
    long: longName(key),
    short: option.short ?? null,
    description: option.description,
    value: option.kind === 'flag' ? null : valueWords(option),
  }));
  const help = { long: '--help', short: 'h', description: 'Show this help', value: null };
  return { name, summary, options: [...own, help], operands: operands ? operandWords(operands) : null };
}

function valueWords(option: Exclude<Option, { kind: 'flag' }>): Words {
  if (option.choices) return { kind: 'choices', choices: option.choices };
  if (option.value.startsWith('TASK')) return { kind: 'tasks' };
  if (option.value === 'FILE') return { kind: 'files' };
  if (option.value === 'WORKFLOW') return { kind: 'ids' };
  return { kind: option.value === 'DIR' ? 'folders' : 'anything' };
}

function operandWords({ name, choices }: Operands): Words {
  if (choices) return { kind: 'choices', choices };
  if (name === 'FILE' || name === 'PATH') return { kind: 'workflows' };
  if (name === 'WORKFLOW') return { kind: 'ids' };
  if (name === 'RUN') return { kind: 'runs' };
  return { kind: name === 'DIR' ? 'folders' : 'anything' };
}
