import {
  type Alias,
  type Document,
  isAlias,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { FILE_START } from '../decode.ts';
import type { Limits } from '../limits.ts';
import type { Reporter } from '../reporter.ts';
import type { Range } from '../source.ts';
import type { MapEntry, MapNode, ScalarNode, ScalarStyle, TreeNode } from './tree.ts';

/** Makes the tree of a document; mistakes that YAML itself allows are reported. Null when a limit is passed. */
export function buildTree(document: Document.Parsed, reporter: Reporter, limits: Limits): TreeNode | null {
  const builder = new TreeBuilder(reporter, limits);
  const tree = document.contents === null ? null : builder.node(document.contents);
  if (builder.excess === null) return tree;
  reporter.error('too-large', FILE_START, `the file is too large: ${builder.excess}`);
  return null;
}

interface Anchor {
  readonly range: Range;
  /** Missing while the anchored value is still being read. */
  node?: TreeNode;
  size: number;
}

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

class TreeBuilder {
  /** Which limit was passed, in words. */
  excess: string | null = null;
  readonly #reporter: Reporter;
  readonly #limits: Limits;
  readonly #anchors = new Map<string, Anchor>();
  /** Values made so far, those that aliases stand for included. */
  #size = 0;
  #aliasNodes = 0;
  #depth = 0;

  constructor(reporter: Reporter, limits: Limits) {
    this.#reporter = reporter;
    this.#limits = limits;
  }

  node(yaml: ParsedNode): TreeNode {
    if (isAlias(yaml)) return this.#alias(yaml);
    const anchor = yaml.anchor === undefined ? undefined : this.#define(yaml.anchor, rangeOf(yaml));
    const before = this.#size;
    this.#size += 1;
    const node = this.#plainNode(yaml);
    if (anchor !== undefined) {
      anchor.node = node;
      anchor.size = this.#size - before;
    }
    return node;
  }

  #plainNode(yaml: Exclude<ParsedNode, Alias.Parsed>): TreeNode {
    if (isScalar(yaml)) return this.#scalar(yaml);
    this.#depth += 1;
    if (this.#depth > this.#limits.depth) this.excess = `it is nested more than ${this.#limits.depth} deep`;
    const node = this.#collection(yaml);
    this.#depth -= 1;
    return node;
  }

  #collection(yaml: YAMLMap.Parsed | YAMLSeq.Parsed): TreeNode {
    const range = rangeOf(yaml);
    if (isSeq(yaml)) return { kind: 'list', ...range, items: yaml.items.map((item) => this.#item(item, range)) };
    if (this.#isUnquotedTemplate(range)) return broken(range);
    return this.#map(yaml.items, range);
  }

  // `[a: b]` holds a pair without braces.
  #item(item: ParsedNode | Pair<ParsedNode, ParsedNode | null>, list: Range): TreeNode {
    return 'key' in item ? this.#map([item], item.key.range ? rangeOf(item.key) : list) : this.node(item);
  }

  #scalar(yaml: Scalar.Parsed): ScalarNode {
    const range = rangeOf(yaml);
    const { value } = yaml;
    if (typeof value === 'string') this.#checkText(value, range);
    if (typeof value === 'number' && !this.#isExact(value, range)) return broken(range);
    const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return { kind: 'scalar', ...range, value: known ? value : null, style: STYLES[yaml.type ?? ''] ?? 'plain' };
  }

  #map(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], range: Range): MapNode {
    const entries = new Map<string, MapEntry>();
    const merged: MapNode[] = [];
    for (const { key, value } of pairs) {
      const name = this.#keyName(key);
      const at = rangeOf(key);
      const node: TreeNode = value === null ? { kind: 'scalar', ...at, value: null, style: 'plain' } : this.node(value);
      if (name === null) continue;
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') merged.push(...this.#mergeSources(node));
      else this.#insert(entries, name, { key: at, value: isEmpty(node) ? { ...node, ...at } : node });
    }
    for (const source of merged) {
      for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
    }
    if (entries.size > this.#limits.keys) this.excess = `a mapping has more than ${this.#limits.keys} keys`;
    return { kind: 'map', ...range, entries, dropped: new Set() };
  }

  #keyName(key: ParsedNode): string | null {
    const range = rangeOf(key);
    if (!isScalar(key)) {
      this.#reporter.error('bad-key', range, 'a key must be plain text, not a list, a mapping or an alias');
      return null;
    }
    if (key.value === null) {
      this.#reporter.error('bad-key', range, 'a key is missing before the colon');
      return null;
    }
    const name = String(key.value).normalize('NFC');
    if (!FORBIDDEN_KEYS.has(name)) return name;
    this.#reporter.error('bad-key', range, `"${name}" cannot be used as a key`);
    return null;
  }

  #insert(entries: Map<string, MapEntry>, name: string, entry: MapEntry): void {
    const first = entries.get(name);
    if (first === undefined) {
      entries.set(name, entry);
      return;
    }
    const line = this.#reporter.source.place(first.key).line;
    this.#reporter.error('duplicate-key', entry.key, `the key "${name}" stands here for the second time`, {
      related: [{ message: `first on line ${line}`, range: first.key }],
    });
  }

  #mergeSources(node: TreeNode): MapNode[] {
    const sources = node.kind === 'list' ? node.items : [node];
    return sources.flatMap((source) => {
      if (source.kind === 'map') return [source];
      this.#reporter.error('bad-merge', source, '`<<` takes in mappings only', { hint: 'for example `<<: *name`' });
      return [];
    });
  }

  #define(name: string, range: Range): Anchor {
    const before = this.#anchors.get(name);
    if (before !== undefined) {
      this.#reporter.warning('anchor-redefined', range, `the anchor &${name} is defined a second time`, {
        related: [{ message: 'first defined here', range: before.range }],
      });
    }
    const anchor = { range, size: 0 };
    this.#anchors.set(name, anchor);
    return anchor;
  }

  #alias(alias: Alias.Parsed): TreeNode {
    const range = rangeOf(alias);
    const anchor = this.#anchors.get(alias.source);
    if (anchor?.node !== undefined) {
      this.#aliasNodes += anchor.size;
      this.#size += anchor.size;
      const most = this.#limits.aliasNodes;
      if (this.#aliasNodes > most) this.excess = `its aliases stand for more than ${most} values`;
      return anchor.node;
    }
    if (anchor === undefined)
      this.#reporter.error('unknown-anchor', range, `there is no anchor &${alias.source} above`);
    else this.#reporter.error('cyclic-alias', range, `*${alias.source} stands inside of the value it repeats`);
    return broken(range);
  }

  #isUnquotedTemplate({ start }: Range): boolean {
    if (!this.#reporter.source.text.startsWith('{{', start)) return false;
    const line = this.#reporter.source.lineRange(start);
    const [alone] = /^\{\{[^{}"\\\r\n]*\}\}(?=[ \t]*$)/.exec(this.#reporter.source.text.slice(start, line.end)) ?? [];
    const fix = alone === undefined ? undefined : [{ start, end: start + alone.length, text: `"${alone}"` }];
    this.#reporter.error('unquoted-template', { start, end: line.end }, 'a value that begins with {{ needs quotes', {
      hint: 'write it in quotes: "{{ … }}"; YAML reads a bare { as a mapping',
      fix,
    });
    return true;
  }

  #checkText(value: string, range: Range): void {
    if (value.includes('\0')) {
      this.#reporter.error('control-character', range, 'text cannot hold the character NUL (\\0)');
    }
    if (/\p{Cs}/u.test(value)) {
      this.#reporter.error(
        'control-character',
        range,
        'the text holds half of a surrogate pair, which is no character',
      );
    }
  }

  #isExact(value: number, range: Range): boolean {
    if (!Number.isFinite(value)) {
      this.#reporter.error('bad-number', range, 'this is not a finite number', { hint: 'put text in quotes' });
      return false;
    }
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return true;
    const message = `the number is too large to be kept exactly (it would become ${value})`;
    this.#reporter.error('bad-number', range, message, { hint: 'put it in quotes to keep it as text' });
    return false;
  }
}

// Keeps the place of a value that was reported.
function broken(range: Range): ScalarNode {
  return { kind: 'scalar', ...range, value: null, style: 'plain', broken: true };
}

function rangeOf(node: ParsedNode): Range {
  const [start, end] = node.range;
  return { start, end };
}

function isEmpty(node: TreeNode): boolean {
  return node.kind === 'scalar' && node.value === null && node.start === node.end;
}
