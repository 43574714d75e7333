import type { Diagnostic, TextEdit } from '../model/diagnostic.ts';
import { type Loaded, type LoadOptions, loadWorkflow, type WorkflowBytes } from './load.ts';

/** A file after its repair. */
export interface Repaired {
  /** The very bytes given when nothing was repaired. */
  readonly bytes: Uint8Array;
  /** What was mended, in the order it was done; columns are those of the moment, lines never change. */
  readonly repairs: readonly Diagnostic[];
  /** What the loader says about the result. */
  readonly loaded: Loaded;
}

/**
 * Mends what the loader can mend without guessing, by small edits that leave comments and layout alone. Mended places bring
 * out others, so it goes on until there is nothing left; a second repair therefore does nothing.
 */
export async function repair(source: WorkflowBytes, options: LoadOptions): Promise<Repaired> {
  const repairs: Diagnostic[] = [];
  let { bytes } = source;
  for (let round = 1; ; round++) {
    const loaded = await loadWorkflow({ ...source, bytes }, options);
    const mended = round > MOST_ROUNDS ? [] : compatible(loaded.diagnostics);
    if (mended.length === 0) return { bytes, repairs, loaded };
    bytes = edited(
      bytes,
      mended.flatMap(({ fix = [] }) => fix),
    );
    repairs.push(...mended);
  }
}

// Each round mends at least one place; files need two or three.
const MOST_ROUNDS = 20;

// Of fixes that touch the same text, the first; the other is found again in the next round, if it still holds.
function compatible(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const taken: TextEdit[] = [];
  return diagnostics.filter(({ fix = [] }) => {
    if (fix.length === 0 || fix.some((edit) => taken.some((other) => touches(edit, other)))) return false;
    taken.push(...fix);
    return true;
  });
}

function touches(edit: TextEdit, other: TextEdit): boolean {
  return edit.start <= other.end && other.start <= edit.end && !isBeside(edit, other) && !isBeside(other, edit);
}

// Two replacements may meet; an insertion must not share its place with anything.
function isBeside(before: TextEdit, after: TextEdit): boolean {
  return before.end === after.start && before.start < before.end && after.start < after.end;
}

function edited(bytes: Uint8Array, edits: readonly TextEdit[]): Uint8Array {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(0, 3) : new Uint8Array();
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(text.slice(from, start), replacement);
    from = end;
  }
  return Buffer.concat([mark, Buffer.from(parts.join('') + text.slice(from))]);
}
