/** How large a workflow file may be; beyond any of these it is refused as `too-large` before it costs time. */
export interface Limits {
  /** Bytes of the whole file. */
  readonly bytes: number;
  /** Tasks, and items of any list. */
  readonly tasks: number;
  /** Keys of one mapping. */
  readonly keys: number;
  /** Levels of lists and mappings inside each other. */
  readonly depth: number;
  /** Values that aliases stand for, all together. */
  readonly aliasNodes: number;
  /** Words, marks, spaces and line breaks: what the parser has to look at. */
  readonly symbols: number;
  /** Brackets and braces that open a list or a mapping: each costs the parser as much as several words. */
  readonly brackets: number;
  /** UTF-16 units of all texts and scripts with templates in them, together. */
  readonly templateText: number;
  /** Combinations of one matrix. */
  readonly combinations: number;
}

/** The limits of DESIGN section 3. */
export const DEFAULT_LIMITS: Limits = {
  bytes: 1024 * 1024,
  tasks: 10_000,
  keys: 2_000,
  depth: 50,
  aliasNodes: 1_000,
  symbols: 500_000,
  brackets: 100_000,
  templateText: 384 * 1024,
  combinations: 256,
};
