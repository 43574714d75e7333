import { type Argument, isMarked } from './argument.ts';
import type { Refusal } from './refusal.ts';

/** What is known about a command: which of its arguments may not hold a value, and whether its standard input is code. */
export interface Judgement {
  /** By position in the command's words. */
  readonly refusals: ReadonlyMap<number, Refusal>;
  /** The name of what would run its standard input as code, or null. */
  readonly runsInput: string | null;
}

/** Nothing to object to. */
export const HARMLESS: Judgement = { refusals: new Map(), runsInput: null };

/** Objects to every argument from a position on that holds a value. */
export function refuseFrom(
  words: readonly Argument[],
  from: number,
  refusal: Refusal,
  runsInput: string | null = null,
): Judgement {
  return refuseWhere(words, (argument, index) => (index >= from && isMarked(argument) ? refusal : null), runsInput);
}

/** Objects to the arguments a function names. */
export function refuseWhere(
  words: readonly Argument[],
  object: (argument: Argument, index: number) => Refusal | null,
  runsInput: string | null = null,
): Judgement {
  const refusals = new Map<number, Refusal>();
  for (const [index, argument] of words.entries()) {
    const refusal = object(argument, index);
    if (refusal) refusals.set(index, refusal);
  }
  return { refusals, runsInput };
}

/** A judgement about a part of the words, seen from the whole. */
export function shifted(judgement: Judgement, by: number): Judgement {
  const moved = [...judgement.refusals].map(([index, refusal]) => [index + by, refusal] as const);
  return { ...judgement, refusals: new Map(moved) };
}

/** Both judgements together; where they object to the same argument the first wins. */
export function together(first: Judgement, second: Judgement): Judgement {
  return {
    refusals: new Map([...second.refusals, ...first.refusals]),
    runsInput: first.runsInput ?? second.runsInput,
  };
}
