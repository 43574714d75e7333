import type { Reference } from '../model/template.ts';
import type { Operand, Piece } from './syntax.ts';

/** Every path into the context that a text reads, in the order they stand; branches that a render may not take included. */
export function referencesOf(pieces: readonly Piece[]): readonly Reference[] {
  return pieces.flatMap((piece) => {
    if (typeof piece === 'string') return [];
    if (piece.kind === 'insert') return operandReferences(piece.operand);
    const subject = piece.kind === 'if' ? piece.condition : piece.list;
    return [...operandReferences(subject), ...referencesOf(piece.body), ...referencesOf(piece.otherwise)];
  });
}

/** Every path into the context that a value reads. */
export function operandReferences(operand: Operand): readonly Reference[] {
  if (operand.kind === 'call') return operand.operands.flatMap(operandReferences);
  if (operand.kind === 'literal' || operand.base !== 'context') return [];
  return [{ path: operand.segments, offset: operand.offset, length: operand.length }];
}
