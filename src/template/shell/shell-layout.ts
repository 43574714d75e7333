import { type Argument, isMarked } from './argument.ts';

/** Where a shell finds what among its arguments. Positions are those of the words; -1 is nowhere. */
export interface ShellLayout {
  /** The script after `-c`. */
  readonly code: number;
  /** The script file. */
  readonly file: number;
  /** The first word that is surely a parameter of the script, never an option; the number of words when there is none. */
  readonly operands: number;
  /** Commands are read from standard input. */
  readonly runsInput: boolean;
}

/** Reads the arguments of `sh`, `bash` and their like: `-ec CODE`, `-eo pipefail -c CODE NAME ARG`, `FILE ARG`, `-s ARG`. */
export function shellLayout(words: readonly Argument[]): ShellLayout {
  let takesCode = false;
  let takesInput = false;
  let at = 1;
  for (let word = words[at]; word && isOption(word); word = words[at]) {
    at += isValued(word.text ?? '') ? 2 : 1;
    if (word.text === '--' || word.text === '-') return parameters(words, at, takesCode, takesInput);
    takesCode ||= /^-[a-zA-Z]*c/.test(word.text ?? '');
    takesInput ||= /^-[a-zA-Z]*s/.test(word.text ?? '');
  }
  const layout = parameters(words, at, takesCode, takesInput);
  // What follows -s would be an option if it began with a dash.
  const first = words[at];
  return takesInput && !takesCode && first && isMarked(first) && first.lead === ''
    ? { ...layout, operands: words.length }
    : layout;
}

function isOption(word: Argument): boolean {
  return word.lead.startsWith('-') || word.lead.startsWith('+');
}

/** Options whose value is the next word. */
function isValued(option: string): boolean {
  return /^[-+][a-zA-Z]*[oO][a-zA-Z]*$|^--(?:rcfile|init-file)$/.test(option);
}

function parameters(words: readonly Argument[], at: number, takesCode: boolean, takesInput: boolean): ShellLayout {
  const exists = at < words.length;
  if (takesCode) return { code: exists ? at : -1, file: -1, operands: at + 1, runsInput: false };
  if (takesInput || !exists) return { code: -1, file: -1, operands: at, runsInput: true };
  return { code: -1, file: at, operands: at + 1, runsInput: /^\/dev\/(?:stdin|fd\/0)$/.test(words[at]?.text ?? '') };
}
