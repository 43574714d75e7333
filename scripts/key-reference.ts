interface SchemaNode {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
  readonly 'x-not-yet'?: boolean;
}

/** The reference of every key in docs/workflow-file.md: one table per mapping, made from the schema's descriptions. */
export function keyReference(schema: SchemaNode): string {
  return SECTIONS.map(([title, path]) => section(schema, title, find(schema, path))).join('\n');
}

/** The same for the `spec` of a driver: its own keys, then those of the mappings in it. */
export function specReference(schema: SchemaNode): string {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, node]): string[] => {
    if (node.items?.properties) return [section(schema, `An entry of \`${key}\``, node.items)];
    return node.properties ? [section(schema, `\`${key}\``, node)] : [];
  });
  return [section(schema, '`spec`', schema), ...inner].join('\n');
}

// The mappings of a file in reading order, and where the schema describes them.
const SECTIONS: readonly (readonly [title: string, path: readonly string[]])[] = [
  ['The file', []],
  ['An input: `inputs.NAME`', ['definitions', 'inputEntry']],
  ['`concurrency`', ['definitions', 'concurrency']],
  ['`defaults`', ['definitions', 'defaults']],
  ['`on`', ['definitions', 'triggers']],
  ['An entry of `on.schedule`', ['definitions', 'scheduleEntry']],
  ['An entry of `on.interval`', ['definitions', 'intervalEntry']],
  ['An entry of `on.github`', ['definitions', 'githubEntry']],
  ['An event of `on.github`', ['definitions', 'eventFilter']],
  ['An entry of `notify`', ['definitions', 'notifyEntry']],
  ['A task: an entry of `taskGroup`', ['definitions', 'taskEntry']],
  ['An entry of `depends_on`', ['definitions', 'taskEntry', 'properties', 'depends_on', 'items']],
  ['An entry of `imports`', ['definitions', 'importEntry']],
  ['An entry of `exports`', ['definitions', 'exportEntry']],
  ['An entry of `files`', ['definitions', 'fileEntry']],
  ['`resources`', ['definitions', 'resources']],
  ['`retry`', ['definitions', 'retry']],
  ['`matrix`', ['definitions', 'matrix']],
  ['`cache`', ['definitions', 'cacheEntry']],
  ['`log`', ['definitions', 'taskEntry', 'properties', 'log']],
];

function find(schema: SchemaNode, path: readonly string[]): SchemaNode {
  let node: unknown = schema;
  for (const step of path) node = (node as Readonly<Record<string, unknown>>)[step];
  return node as SchemaNode;
}

function section(schema: SchemaNode, title: string, node: SchemaNode): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, value]) => {
    const required = node.required?.includes(key) ? ' (required)' : '';
    return `| \`${key}\`${required} | ${kindOf(schema, value)} | ${describe(schema, value)} |`;
  });
  return [`### ${title}`, '', '| key | value | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function describe(schema: SchemaNode, node: SchemaNode): string {
  return descriptionOf(schema, node).replaceAll('|', '\\|');
}

// What is said closest to the key wins over what its definition says.
function descriptionOf(schema: SchemaNode, node: SchemaNode): string {
  if (node.description !== undefined || node.$ref === undefined) return node.description ?? '';
  return descriptionOf(schema, definition(schema, node.$ref));
}

function resolve(schema: SchemaNode, node: SchemaNode): SchemaNode {
  return node.$ref === undefined ? node : resolve(schema, definition(schema, node.$ref));
}

function definition(schema: SchemaNode, reference: string): SchemaNode {
  const target = schema.definitions?.[reference.split('/').at(-1) ?? ''];
  if (target === undefined) throw new Error(`Internal error: the schema has no ${reference}`);
  return target;
}

const NAMED_KINDS: readonly (readonly [definition: string, kind: string])[] = [
  ['duration', 'duration'],
  ['size', 'size'],
];

function kindOf(schema: SchemaNode, node: SchemaNode): string {
  if (node['x-not-yet']) return 'not yet';
  const target = resolve(schema, node);
  const named = NAMED_KINDS.find(([definition]) => schema.definitions?.[definition] === target);
  if (named !== undefined) return named[1];
  if (target.enum !== undefined) return target.enum.map((value) => `\`${String(value)}\``).join(', ');
  return [target.type ?? 'any']
    .flat()
    .map((type) => typeWords(schema, target, type))
    .join(' or ');
}

function typeWords(schema: SchemaNode, node: SchemaNode, type: string): string {
  if (type === 'array' && node.items !== undefined) return `list of ${kindOf(schema, node.items)}`;
  return TYPE_WORDS[type] ?? type;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'mapping',
  null: 'empty',
};
