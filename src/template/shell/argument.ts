/** One word of a command, as far as it is known before the script runs. */
export interface Argument {
  /** Its text after the shell has taken the quotes off, or null when that is known only at run time. */
  readonly text: string | null;
  /** Its known beginning: all of `text`, or what stands before the first expansion or value. */
  readonly lead: string;
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
