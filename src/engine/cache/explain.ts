import { INPUT, MODE } from './input-parts.ts';
import type { KeyPart } from './key-part.ts';
import { RENDERED } from './task-parts.ts';

/** How many changes are named; the rest is counted. */
const MOST_CHANGES = 5;

/** What became different from one list of parts to another, in words: `script changed`, `input src/a.ts is new`. */
export function changesBetween(before: readonly KeyPart[], after: readonly KeyPart[]): readonly string[] {
  const earlier = new Map(before.map((part) => [part.name, part.digest]));
  const later = new Map(after.map((part) => [part.name, part.digest]));
  const changes = [
    ...[...later].flatMap(([name, digest]): Change[] => {
      if (!earlier.has(name)) return [{ name, how: 'is new' }];
      return earlier.get(name) === digest ? [] : [{ name, how: 'changed' }];
    }),
    ...[...earlier.keys()].flatMap((name): Change[] => (later.has(name) ? [] : [{ name, how: 'is gone' }])),
  ];
  return causes(changes).map(({ name, how }) => `${name} ${how}`);
}

/** The changes as one line, the first few by name. */
export function changeText(changes: readonly string[]): string {
  const rest = changes.length - MOST_CHANGES;
  const named = changes.slice(0, MOST_CHANGES).join(', ');
  return rest > 0 ? `${named} and ${rest} more` : named;
}

interface Change {
  readonly name: string;
  readonly how: 'changed' | 'is new' | 'is gone';
}

/** Leaves out what only follows from another change. */
function causes(changes: readonly Change[]): readonly Change[] {
  const whole = new Set(changes.flatMap(({ name, how }) => (how === 'changed' ? [] : [name])));
  const rest = changes.filter(({ name }) => {
    return name !== RENDERED && !(name.startsWith(MODE) && whole.has(INPUT + name.slice(MODE.length)));
  });
  return rest.length > 0 ? rest : changes;
}
