import type { Insert, Piece } from '../syntax.ts';

/** A reference in a script, replaced by an inert word so that the script can be parsed. */
export interface Marker {
  readonly insert: Insert;
  /** Where the word stands in the marked text. */
  readonly start: number;
  readonly end: number;
}

/** A script whose references are inert words. */
export interface MarkedScript {
  readonly text: string;
  readonly markers: readonly Marker[];
}

/** Puts an inert word in the place of every reference. The word begins with a digit, so it is never a name or a keyword. */
export function markReferences(pieces: readonly (string | Insert)[]): MarkedScript {
  const sign = unusedSign(pieces.filter((piece) => typeof piece === 'string').join(''));
  const markers: Marker[] = [];
  let text = '';
  for (const piece of pieces) {
    const word = typeof piece === 'string' ? piece : `${sign}${markers.length}R1`;
    if (typeof piece !== 'string') markers.push({ insert: piece, start: text.length, end: text.length + word.length });
    text += word;
  }
  return { text, markers };
}

function unusedSign(text: string): string {
  let sign = '1R';
  while (text.includes(sign)) sign += 'R';
  return sign;
}

/** True for what a script may hold; blocks are no part of it. */
export function isScriptPiece(piece: Piece): piece is string | Insert {
  return typeof piece === 'string' || piece.kind === 'insert';
}
