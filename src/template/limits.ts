/** Longest string with a template in it, in UTF-16 units. */
export const MAX_SOURCE = 64 * 1024;

/** Longest text one render or one helper may make, in UTF-16 units. */
export const MAX_OUTPUT = 1024 * 1024;

/** Deepest nesting of blocks, and of parentheses within one pair of braces. */
export const MAX_NESTING = 50;

/** Most blocks, values and helper calls one render may evaluate: bounds `each` within `each`. */
export const MAX_STEPS = 500_000;

/** Longest pattern and longest text of `matches`, in UTF-16 units. */
export const MAX_PATTERN = 256;
export const MAX_MATCHED = 16 * 1024;

/** Deepest nesting of a script's syntax tree, in nodes. */
export const MAX_SCRIPT_DEPTH = 1_000;

/** Most commands within one command (`sudo env nice …`), and most functions one calls, that are followed. */
export const MAX_FOLLOWED = 50;

/**
 * Most looks at a character that the substitutions of one script may cost: each open one is looked through to its end, so that
 * they are its length times their number.
 */
export const MAX_SUBSTITUTION_WORK = 10_000_000;
