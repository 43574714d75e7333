import { forEachChild, parse, type SyntaxNode } from 'unbash';
import type { MarkedScript, Marker } from './marked-script.ts';
import type { Form } from './places.ts';

/** A reference as it is written into the script. */
export interface Placed {
  readonly marker: Marker;
  readonly form: Form;
  readonly variable: string;
}

/** A script with its references in place. */
export interface BoundText {
  readonly text: string;
  /** References that a second reading of the text did not find where they were put. */
  readonly misplaced: readonly Marker[];
}

/** Writes every reference in its form, then parses the result and looks whether each is an expansion, quoted as it must be. */
export function writeReferences({ text }: MarkedScript, placed: readonly Placed[]): BoundText {
  let bound = '';
  let from = 0;
  const expected: { readonly pos: number; readonly placed: Placed }[] = [];
  for (const reference of placed) {
    const { marker, form, variable } = reference;
    bound += text.slice(from, marker.start);
    const [before, after] = WRAPPING[form];
    if (form !== 'comment') expected.push({ pos: bound.length + before.length, placed: reference });
    bound += form === 'comment' ? '...' : `${before}\${${variable}}${after}`;
    from = marker.end;
  }
  bound += text.slice(from);
  const found = findExpansions(bound);
  const misplaced = expected.filter(({ pos, placed: reference }) => !isAsMeant(found.get(pos), reference));
  return { text: bound, misplaced: misplaced.map(({ placed: reference }) => reference.marker) };
}

const WRAPPING: Readonly<Record<Form, readonly [string, string]>> = {
  bare: ['"', '"'],
  quoted: ['', ''],
  single: [`'"`, `"'`],
  ansi: [`'"`, `"$'`],
  number: ['(', ')'],
  index: ['', ''],
  comment: ['', ''],
};

interface Expansion {
  readonly parameter: string;
  readonly quoted: boolean;
}

function isAsMeant(found: Expansion | undefined, { form, variable }: Placed): boolean {
  return found?.parameter === variable && (found.quoted || form === 'number' || form === 'index');
}

/** Every plain `${name}` of a script, by its position. */
function findExpansions(text: string): ReadonlyMap<number, Expansion> {
  const found = new Map<number, Expansion>();
  const visit = (node: SyntaxNode, quoted: boolean): void => {
    // A script with escaped characters has positions of its own.
    if (node.type === 'Script' && node.source !== undefined) return;
    if (node.type === 'ParameterExpansion' && !node.operation && !node.prefix && !node.index) {
      found.set(node.pos, { parameter: node.parameter, quoted });
    }
    const within = node.type === 'DoubleQuoted' || node.type === 'HereDocBody' || (quoted && node.type !== 'Script');
    forEachChild(node, (child) => visit(child, within));
  };
  visit(parse(text), false);
  return found;
}
