import type { Operand } from '../syntax.ts';

/** A fit name of an environment variable for a value, for hints: `build.version` is `VERSION`. */
export function variableFor(operand: Operand | undefined): string {
  const path = operand && firstPath(operand);
  const name = (path?.at(-1) ?? '').toUpperCase().replace(/[^A-Z0-9_]/g, '_');
  return /^[A-Z]/.test(name) ? name : 'VALUE';
}

function firstPath(operand: Operand): readonly string[] | null {
  if (operand.kind === 'path') return operand.segments;
  if (operand.kind === 'literal') return null;
  for (const inner of operand.operands) {
    const path = firstPath(inner);
    if (path) return path;
  }
  return null;
}
