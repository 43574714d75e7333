import type { Path } from '../yaml/tree.ts';

/** The part of JSON Schema that our schemas use. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly propertyNames?: SchemaNode;
  readonly items?: SchemaNode;
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
}

/** What a schema says about the value at a path. */
export interface Subschema {
  readonly node: SchemaNode;
  /** The definitions it is made of, the innermost last: `timeout`, `duration`. */
  readonly names: readonly string[];
}

/** Follows a path of the data through a schema; undefined where the schema says nothing. */
export function subschema(root: SchemaNode, path: Path): Subschema | undefined {
  let found: Subschema | undefined = { node: root, names: [] };
  for (const step of path) {
    const next: SchemaNode | undefined = found && child(found.node, step);
    found = next && resolve(root, next);
  }
  return found;
}

/** Resolves references, of which our schemas have only `#/definitions/NAME`; those of others are left as they are. */
export function resolve(root: SchemaNode, start: SchemaNode): Subschema {
  const names: string[] = [];
  let node = start;
  while (node.$ref !== undefined) {
    const name = node.$ref.slice('#/definitions/'.length);
    const target = root.definitions?.[name];
    if (target === undefined) break;
    names.push(name);
    node = target;
  }
  return { node, names };
}

function child(node: SchemaNode, step: string | number): SchemaNode | undefined {
  if (typeof step === 'number' && node.items !== undefined) return node.items;
  const own =
    node.properties && Object.hasOwn(node.properties, String(step)) ? node.properties[String(step)] : undefined;
  return own ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined);
}
