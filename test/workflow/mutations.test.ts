/** Valid files, changed as trees: whatever becomes of them, they load or say why not, soon, with places within the file. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { Alias, type Document, isAlias, isNode, isPair, Pair, parseDocument, visit } from 'yaml';
import { loadText } from '../support/load-text.ts';
import { isThorough } from '../support/thorough.ts';

/** Files that load, and between them have every key. */
const FOLDERS = ['workflows', 'test/golden/ok', 'test/e2e/conformance'];
const SOURCES = FOLDERS.flatMap((folder) =>
  readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
);

/** What stands where something else is expected. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  Number.NaN,
  '',
  ' ',
  'x',
  '{{',
  '{{ x }}',
  '{{ a.b }}',
  '${{ inputs.x }}',
  '{{#if inputs.x}}y{{/if}}',
  'eq (',
  '__proto__',
  'a\nb',
  '\u202e',
  '\ud800',
  'é'.repeat(70),
  '7d1h',
  '99999999999999999999d',
  '*/0 * * * *',
  [],
  {},
  [[]],
  [null],
  { __proto__: null, a: { b: {} } },
];

/** One change of a tree. Numbers choose among what there is, whatever that is by then. */
const CHANGE = fc.record({
  kind: fc.constantFrom('delete', 'duplicate', 'replace', 'rename', 'retag', 'deepen', 'copy', 'alias'),
  at: fc.nat(),
  other: fc.nat(),
  value: fc.constantFrom(...VALUES),
});

type Change = typeof CHANGE extends fc.Arbitrary<infer T> ? T : never;

test('whatever becomes of the tree of a good file, it loads or says why not', async () => {
  const changes = fc.array(CHANGE, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SOURCES), changes, async (source, all) => {
      const text = mutated(source, all);
      const { workflow, diagnostics } = await loadText(text);
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      assert.equal(workflow === null, errors.length > 0);
      const lines = text.split('\n');
      for (const { place, message } of diagnostics) {
        const line = lines[place.line - 1];
        assert.ok(
          line !== undefined && place.column >= 1 && place.column <= line.length + 1,
          `${placeText(place)}: ${message}`,
        );
        assert.ok(place.length >= 1 && !/\bundefined\b|\[object/.test(message), message);
      }
    }),
    { numRuns: isThorough ? 2_000 : 100 },
  );
});

function placeText({ line, column }: { readonly line: number; readonly column: number }): string {
  return `${line}:${column}`;
}

function mutated(source: string, changes: readonly Change[]): string {
  const document = parseDocument(source, { keepSourceTokens: false });
  for (const change of changes) mutate(document, change);
  try {
    return document.toString({ lineWidth: 0 });
  } catch {
    // The printer knows no alias without an anchor; what stood there before is as good.
    return source;
  }
}

/** Something in a list, or a pair of a mapping. */
interface Slot {
  readonly items: (Pair | unknown)[];
  readonly index: number;
}

function slotsOf(document: Document): Slot[] {
  const slots: Slot[] = [];
  visit(document, {
    Collection: (_key, { items }) => {
      for (const index of items.keys()) slots.push({ items, index });
    },
  });
  return slots;
}

function mutate(document: Document, { kind, at, other, value }: Change): void {
  const slots = slotsOf(document);
  const slot = slots[at % slots.length];
  const source = slots[other % slots.length];
  if (!slot || !source) return;
  const { items, index } = slot;
  const item = items[index];
  const put = (next: unknown): void => {
    if (isPair(item)) item.value = next;
    else items[index] = next;
  };
  const node = contentOf(slot);
  if (kind === 'delete') items.splice(index, 1);
  else if (kind === 'duplicate') items.splice(index, 0, copyOf(item));
  else if (kind === 'replace') put(document.createNode(value));
  else if (kind === 'rename' && isPair(item)) item.key = document.createNode(value);
  else if (kind === 'retag' && isNode(node) && !isAlias(node)) node.tag = TAGS[other % TAGS.length] ?? '';
  else if (kind === 'deepen') put(document.createNode(other % 2 === 0 ? { x: node } : [node]));
  else if (kind === 'copy') put(copyOf(contentOf(source)));
  else if (kind === 'alias' && isNode(node) && !isAlias(node)) {
    node.anchor = 'a';
    source.items[source.index] = isPair(source.items[source.index])
      ? new Pair((source.items[source.index] as Pair).key, new Alias('a'))
      : new Alias('a');
  }
}

const TAGS = ['!x', '!!str', '!!int', '!!bool', '!!map', '!!seq', '!!binary', '!!js/function'];

function contentOf({ items, index }: Slot): unknown {
  const item = items[index];
  return isPair(item) ? item.value : item;
}

function copyOf(item: unknown): unknown {
  if (isPair(item)) return new Pair(copyOf(item.key), copyOf(item.value));
  return isNode(item) ? item.clone() : item;
}
