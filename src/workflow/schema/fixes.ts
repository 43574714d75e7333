import type { TextEdit } from '../../model/diagnostic.ts';
import type { MapEntry, MapNode, TreeNode } from '../yaml/tree.ts';

/** The known key (or value) that a word is another spelling of: only case, `-` and `_` differ. A near miss is none. */
export function respelled(word: string, known: readonly string[]): string | undefined {
  const same = known.filter((candidate) => letters(candidate) === letters(word));
  return same.length === 1 ? same[0] : undefined;
}

/** Renames a key that is another spelling of a known one, unless that one stands beside it. */
export function keyFix(parent: TreeNode | undefined, key: string, known: readonly string[]): TextEdit[] | undefined {
  const right = respelled(key, known);
  const entry = parent?.kind === 'map' ? parent.entries.get(key) : undefined;
  if (right === undefined || entry === undefined || (parent as MapNode).entries.has(right)) return undefined;
  return entry.key.end - entry.key.start === key.length ? [{ ...rangeOf(entry.key), text: right }] : undefined;
}

/** Replaces a value that is another spelling of an allowed one. */
export function valueFix(node: TreeNode | undefined, allowed: readonly string[]): TextEdit[] | undefined {
  if (node?.kind !== 'scalar' || node.style !== 'plain' || typeof node.value !== 'string') return undefined;
  const right = respelled(node.value, allowed);
  return right === undefined ? undefined : [{ ...rangeOf(node), text: right }];
}

/** Makes a scalar, or a list of mappings, what the schema wants, where nothing is lost or guessed. `pattern` is for text. */
export function typeFix(
  node: TreeNode | undefined,
  wanted: readonly string[],
  text: string,
  pattern: string | undefined,
): readonly TextEdit[] | undefined {
  if (node?.kind === 'list') return wanted.join() === 'object' ? listToMap(node, text) : undefined;
  if (node?.kind !== 'scalar' || node.start === node.end) return undefined;
  const written = text.slice(node.start, node.end);
  if (wanted.join() === 'boolean') return booleanFix(node.start, String(node.value), written);
  if (wanted.includes('string') && (typeof node.value === 'number' || typeof node.value === 'boolean')) {
    const fits = pattern === undefined || new RegExp(pattern).test(written);
    return fits ? [{ ...rangeOf(node), text: `"${written}"` }] : undefined;
  }
  const isWord = node.style === 'plain' && /^[\w./-]+$/.test(written);
  return wanted.includes('array') && isWord ? [{ ...rangeOf(node), text: `[${written}]` }] : undefined;
}

/** Makes the seed's `envs:` (a list of mappings) an `env:`; undefined where that cannot be done without doubt. */
export function envsFix(parent: TreeNode | undefined, text: string): readonly TextEdit[] | undefined {
  const entry: MapEntry | undefined = parent?.kind === 'map' ? parent.entries.get('envs') : undefined;
  if (entry === undefined || (parent as MapNode).entries.has('env')) return undefined;
  const rename = { ...rangeOf(entry.key), text: 'env' };
  if (entry.value.kind === 'map') return [rename];
  const edits = entry.value.kind === 'list' ? listToMap(entry.value, text) : undefined;
  return edits && [rename, ...edits];
}

function letters(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '');
}

function rangeOf({ start, end }: { readonly start: number; readonly end: number }) {
  return { start, end };
}

const WORDS: Readonly<Record<string, string>> = {
  true: 'true',
  yes: 'true',
  on: 'true',
  false: 'false',
  no: 'false',
  off: 'false',
};

function booleanFix(start: number, value: string, written: string): TextEdit[] | undefined {
  const comment = /^(true|false)(\s*)\/\//.exec(written);
  if (comment) {
    const [all, word = '', gap = ''] = comment;
    return [{ start: start + word.length + gap.length, end: start + all.length, text: gap === '' ? ' #' : '#' }];
  }
  const word = WORDS[value.toLowerCase()];
  const isAlone = /^(["']?)\w+\1$/.test(written);
  return word !== undefined && isAlone ? [{ start, end: start + written.length, text: word }] : undefined;
}

// Only lines or braces change, never what stands between them.
function listToMap(list: TreeNode & { kind: 'list' }, text: string): readonly TextEdit[] | undefined {
  const maps = list.items.flatMap((item) => (item.kind === 'map' && item.entries.size > 0 ? [item] : []));
  const keys = maps.flatMap((map) => [...map.entries.keys()]);
  if (maps.length !== list.items.length || maps.length === 0 || new Set(keys).size !== keys.length) return undefined;
  return text[list.start] === '[' ? flowListToMap(list, maps, text) : blockListToMap(maps, text);
}

function flowListToMap(list: TreeNode, maps: readonly MapNode[], text: string): TextEdit[] | undefined {
  const edits = [
    { start: list.start, end: list.start + 1, text: '{' },
    { start: list.end - 1, end: list.end, text: '}' },
  ];
  for (const map of maps) {
    if (text[map.start] !== '{') continue;
    if (text[map.end - 1] !== '}' || /,\s*$/.test(text.slice(map.start, map.end - 1))) return undefined;
    edits.push({ start: map.start, end: map.start + 1, text: '' }, { start: map.end - 1, end: map.end, text: '' });
  }
  return edits;
}

function blockListToMap(maps: readonly MapNode[], text: string): TextEdit[] | undefined {
  const dashes = maps.map((map) => /(?:^|\n)( *)(- +)$/.exec(text.slice(0, map.start).slice(-MOST_INDENT)));
  const columns = new Set(dashes.map((dash) => (dash?.[1]?.length ?? -1) + (dash?.[2]?.length ?? 0)));
  if (columns.size !== 1 || dashes.includes(null) || maps.some((map) => text[map.start] === '{')) return undefined;
  return maps.map((map, index) => {
    const start = map.start - (dashes[index]?.[2]?.length ?? 0);
    return { start, end: start + 1, text: ' ' };
  });
}

const MOST_INDENT = 200;
