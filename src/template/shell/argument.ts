/** One word of a command, as far as it is known before the script runs. */
export interface Argument {
  /** Its text after the shell has taken the quotes off, or null when that is known only at run time. */
  readonly text: string | null;
  /** Its known beginning: all of `text`, or what stands before the first expansion or value. */
  readonly lead: string;
  /** Whether it is one word for sure: an expansion without quotes may be none or several. */
  readonly single: boolean;
  /** Whether a template stands in it: only plain numbers, or any value. */
  readonly holds: 'nothing' | 'numbers' | 'values';
  /** `NAME=…` as the shell itself understands it, in `export NAME=…` and the like. */
  readonly assigns?: { readonly name: string; readonly list: boolean };
}

/** True when a template stands in the argument. */
export function isMarked(argument: Argument): boolean {
  return argument.holds !== 'nothing';
}

/** The command a word names, without its folder. */
export function commandName(argument: Argument | undefined): string | null {
  return argument?.text == null ? null : argument.text.slice(argument.text.lastIndexOf('/') + 1);
}

/** The position of the first word, after the command's name, that may be none or several; the number of words if there is none. */
export function firstUnsure(words: readonly Argument[]): number {
  const at = words.findIndex((word, index) => index > 0 && !word.single);
  return at === -1 ? words.length : at;
}
