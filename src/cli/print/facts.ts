import { harmlessName } from '../../util/terminal-text.ts';

/** Names and what is known about them, one a line; what is empty is left out. */
export function factLines(facts: readonly (readonly [name: string, value: string])[]): string {
  const known = facts.filter(([, value]) => value !== '');
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${harmlessName(value)}\n`).join('');
}
