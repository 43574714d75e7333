import type { SchemaError } from '../../model/ports.ts';
import { nearest } from '../../util/nearest.ts';
import type { More, Reporter } from '../reporter.ts';
import type { Range } from '../source.ts';
import { keyRange, type MapNode, nodeAt, type Path, type TreeNode } from '../yaml/tree.ts';
import { CONTAINERS, EXPECTATIONS, type Expectation } from './expectations.ts';
import { envsFix, keyFix, typeFix, valueFix } from './fixes.ts';
import { foreignKey, hintForType } from './hints.ts';
import { resolve, type SchemaNode, type Subschema, subschema } from './subschema.ts';

/** The data a validator looked at and the schema it was made from. */
export interface Validated {
  readonly tree: MapNode;
  /** Where the validated data stands in the tree. */
  readonly base: Path;
  readonly schema: SchemaNode;
  /** What the whole is called: `a workflow`. */
  readonly title: string;
}

/** Reports each error of a schema once, in our words, at the key or value it is about. */
export function reportSchemaErrors(errors: readonly SchemaError[], validated: Validated, reporter: Reporter): void {
  const unknownKeys = unknownKeysByPath(errors);
  for (const error of errors) {
    if (reporter.isSettled) return;
    if (isEcho(error) || isBroken(error, validated) || isMistyped(error, unknownKeys)) continue;
    const finding = new Explainer(error, validated, reporter.source.text).explain();
    reporter.error(finding.code, finding.range, finding.message, finding.more);
  }
}

/** The path of the value an error is about, from the top of the validated data. */
export function errorPath(error: SchemaError): Path {
  const steps = error.instancePath.split('/').slice(1);
  return steps.map((step) =>
    /^(0|[1-9]\d{0,8})$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~'),
  );
}

/** True for the part of a wrong property name's error that only repeats it. */
export function isEcho(error: SchemaError): boolean {
  return 'propertyName' in error && error.keyword !== 'propertyNames';
}

// A key that is missing because it stands there with a typing error is reported as that.
function isMistyped(error: SchemaError, unknownKeys: ReadonlyMap<string, readonly string[]>): boolean {
  if (error.keyword !== 'required') return false;
  const missing = [String(error.params.missingProperty)];
  return (unknownKeys.get(error.instancePath) ?? []).some((key) => nearest(key, missing) !== undefined);
}

function unknownKeysByPath(errors: readonly SchemaError[]): ReadonlyMap<string, readonly string[]> {
  const byPath = new Map<string, string[]>();
  for (const { instancePath, params } of errors) {
    const key = params.additionalProperty;
    if (typeof key !== 'string') continue;
    const keys = byPath.get(instancePath);
    if (keys === undefined) byPath.set(instancePath, [key]);
    else keys.push(key);
  }
  return byPath;
}

function isBroken(error: SchemaError, { tree, base }: Validated): boolean {
  const node = nodeAt(tree, [...base, ...errorPath(error)]);
  return node?.kind === 'scalar' && node.broken === true;
}

interface Finding {
  readonly code: string;
  readonly range: Range;
  readonly message: string;
  readonly more?: More;
}

class Explainer {
  readonly #error: SchemaError;
  readonly #validated: Validated;
  readonly #path: Path;
  readonly #sub: Subschema | undefined;
  readonly #text: string;

  constructor(error: SchemaError, validated: Validated, text: string) {
    const path = errorPath(error);
    this.#error = error;
    this.#validated = validated;
    this.#text = text;
    this.#sub = subschema(validated.schema, path);
    this.#path = [...validated.base, ...path];
  }

  explain(): Finding {
    switch (this.#error.keyword) {
      case 'additionalProperties':
        return this.#unknownKey();
      case 'required':
        return this.#missingKey();
      case 'type':
        return this.#wrongType();
      case 'enum':
        return this.#notOneOf();
      case 'pattern':
        return this.#badText();
      case 'propertyNames':
        return this.#badKeyName();
      case 'x-not-yet':
        return this.#notYet();
      default:
        return this.#outOfBounds();
    }
  }

  #unknownKey(): Finding {
    const key = this.#param('additionalProperty');
    const range = keyRange(this.#validated.tree, [...this.#path, key]);
    const known = Object.keys(this.#sub?.node.properties ?? {});
    if (key.includes('\u00a0')) {
      const message = `the key "${key.replaceAll('\u00a0', '␣')}" holds a no-break space (U+00A0)`;
      return { code: 'no-break-space', range, message, more: { hint: 'YAML counts ordinary spaces only' } };
    }
    const guess = foreignKey(key, known) ?? nearest(key, known);
    const message = `unknown key "${key}" in ${this.#container()}${guess ? `; did you mean "${guess}"?` : ''}`;
    const hint = guess === undefined && known.length > 0 ? `known are: ${known.join(', ')}` : undefined;
    const parent = nodeAt(this.#validated.tree, this.#path);
    const fix = key === 'envs' && known.includes('env') ? envsFix(parent, this.#text) : keyFix(parent, key, known);
    const more = { hint, fix };
    // A plugin may bring it.
    if (this.#path.join() === 'on') return { code: 'unknown-trigger', range, message, more };
    return { code: 'unknown-key', range, message, more };
  }

  #missingKey(): Finding {
    const node = nodeAt(this.#validated.tree, this.#path);
    const range = firstLine(node) ?? this.#validated.tree;
    const message = `${this.#container()} needs the key "${this.#param('missingProperty')}"`;
    return { code: 'missing-key', range, message };
  }

  #wrongType(): Finding {
    const node = nodeAt(this.#validated.tree, this.#path);
    const wanted = [this.#error.params.type].flat().map(String);
    const expectation = this.#expectation();
    const what = expectation?.what ?? wanted.map((type) => TYPE_WORDS[type] ?? type).join(' or ');
    const message = `${this.#subject()} must be ${what}, not ${describe(node)}`;
    const hint = expectation?.hint ?? hintForType(node, wanted, this.#path);
    const fix = typeFix(node, this.#mendable(wanted), this.#text, this.#sub?.node.pattern);
    return { code: 'wrong-type', range: this.#valueRange(), message, more: { hint, fix } };
  }

  // Brackets around a word help only where a list of words is wanted.
  #mendable(wanted: readonly string[]): readonly string[] {
    const items = this.#sub?.node.items;
    const holdsWords = items !== undefined && resolve(this.#validated.schema, items).node.type === 'string';
    return holdsWords ? wanted : wanted.filter((type) => type !== 'array');
  }

  #notOneOf(): Finding {
    const allowed = [this.#error.params.allowedValues].flat().map(String);
    const node = nodeAt(this.#validated.tree, this.#path);
    const guess = node?.kind === 'scalar' ? nearest(String(node.value), allowed) : undefined;
    const message = `${this.#subject()} cannot be ${describe(node)}${guess ? `; did you mean "${guess}"?` : ''}`;
    const hint = `one of ${allowed.join(', ')}`;
    return { code: 'bad-value', range: this.#valueRange(), message, more: { hint, fix: valueFix(node, allowed) } };
  }

  #badText(): Finding {
    const expectation = this.#expectation();
    const node = nodeAt(this.#validated.tree, this.#path);
    const message = `${describe(node)} is not ${expectation?.what ?? 'allowed here'}`;
    const more = { hint: expectation?.hint ?? `it must fit the pattern ${this.#param('pattern')}` };
    return { code: expectation?.code ?? 'bad-value', range: this.#valueRange(), message, more };
  }

  #badKeyName(): Finding {
    const key = this.#param('propertyName');
    const name = this.#sub?.node.propertyNames?.$ref?.split('/').at(-1) ?? 'envName';
    const expectation = EXPECTATIONS.get(name);
    const range = keyRange(this.#validated.tree, [...this.#path, key]);
    const message = `"${shorten(key)}" is not ${expectation?.what ?? 'a key that can stand here'}`;
    return { code: expectation?.code ?? 'bad-name', range, message, more: { hint: expectation?.hint } };
  }

  #notYet(): Finding {
    const range = keyRange(this.#validated.tree, this.#path);
    return { code: 'not-yet', range, message: `"${String(this.#path.at(-1))}" is not supported yet` };
  }

  #outOfBounds(): Finding {
    const limit = String(this.#error.params.limit);
    const words = BOUND_WORDS[this.#error.keyword];
    // A keyword that only schemas of plugins use.
    if (words === undefined) return { code: 'bad-value', range: this.#valueRange(), message: this.#inTheirWords() };
    const empty = limit === '1' && /^min(Items|Length|Properties)$/.test(this.#error.keyword);
    const message = `${this.#subject()} ${empty ? 'must not be empty' : words.replace('N', limit)}`;
    return { code: 'bad-value', range: this.#valueRange(), message };
  }

  #inTheirWords(): string {
    return `${this.#subject()} ${this.#error.message ?? 'is not allowed here'}`;
  }

  #param(name: string): string {
    return String(this.#error.params[name]);
  }

  #expectation(): Expectation | undefined {
    const names = this.#sub?.names ?? [];
    return names.map((name) => EXPECTATIONS.get(name)).findLast((found) => found !== undefined);
  }

  #container(): string {
    const name = this.#sub?.names.map((definition) => CONTAINERS.get(definition)).findLast(Boolean);
    if (name !== undefined) return name;
    return this.#path.length === this.#validated.base.length ? this.#validated.title : this.#subject();
  }

  #subject(): string {
    const last = this.#path.at(-1);
    if (last === undefined) return this.#validated.title;
    const key = this.#path.findLast((step) => typeof step === 'string');
    return typeof last === 'number' ? `an item of "${key}"` : `"${last}"`;
  }

  #valueRange(): Range {
    const node = nodeAt(this.#validated.tree, this.#path);
    return firstLine(node) ?? keyRange(this.#validated.tree, this.#path);
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'empty',
};

const BOUND_WORDS: Readonly<Record<string, string>> = {
  minimum: 'must be at least N',
  maximum: 'must be at most N',
  minItems: 'must have at least N items',
  maxItems: 'must have at most N items',
  minLength: 'must have at least N characters',
  maxLength: 'must have at most N characters',
  minProperties: 'must have at least N keys',
  maxProperties: 'must have at most N keys',
};

/** What a value is, in words: `"foo"`, `the number 12`, `a list`. */
export function describe(node: TreeNode | undefined): string {
  if (node === undefined) return 'nothing';
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  if (node.value === null) return 'empty';
  if (typeof node.value === 'number') return `the number ${node.value}`;
  return typeof node.value === 'boolean' ? String(node.value) : `"${shorten(node.value)}"`;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

// Lists and mappings are shown by their first key or item, not by everything inside.
function firstLine(node: TreeNode | undefined): Range | undefined {
  if (node?.kind === 'map') return node.entries.values().next().value?.key ?? node;
  return node;
}
