import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { keyReference } from '../../scripts/key-reference.ts';
import { FAILURE_REASONS } from '../../src/model/reason.ts';
import { DURATION_PATTERN } from '../../src/util/duration.ts';
import { SIZE_PATTERN } from '../../src/util/size.ts';
import { EXPECTATIONS } from '../../src/workflow/schema/expectations.ts';
import { diagnose } from '../support/load-text.ts';

const schema = JSON.parse(readFileSync('schemas/workflow.schema.json', 'utf8'));
const manual = readFileSync('docs/workflow-file.md', 'utf8');

test('every key of the schema has a description', () => {
  const bare = keysOf(schema).filter(({ node }) => descriptionOf(node) === '');
  assert.deepEqual(
    bare.map(({ path }) => path),
    [],
  );
});

test('every definition with a pattern has words for messages', () => {
  const definitions: Record<string, { pattern?: string }> = schema.definitions;
  const patterned = Object.keys(definitions).filter((name) => definitions[name]?.pattern !== undefined);
  assert.deepEqual(patterned.sort(), [...EXPECTATIONS.keys()].sort());
});

test('retry.on lists exactly the reasons a task can fail for', () => {
  assert.deepEqual(schema.definitions.retry.properties.on.items.enum, [...FAILURE_REASONS]);
});

test('durations and sizes are written the same in the schema and in the code', () => {
  assert.equal(schema.definitions.duration.pattern, DURATION_PATTERN.source);
  const size = new RegExp(schema.definitions.size.pattern);
  for (const text of ['1B', '12KiB', '1MiB', '2GiB', '3TiB', '', '1', '1KB', '1.5MiB', '-1B']) {
    assert.equal(size.test(text), SIZE_PATTERN.test(text), text);
  }
});

test('keys that say "not yet" are refused and all others are not', async () => {
  const marked = keysOf(schema).filter(({ node }) => node['x-not-yet'] === true);
  for (const { node } of marked) assert.match(descriptionOf(node), /^Not yet: /);
  const groupKeys = marked.filter(({ path }) => path.startsWith('/properties/'));
  for (const { path } of groupKeys) {
    const key = path.split('/').at(-1);
    const said = await diagnose(`${key}: x\ntaskGroup: [{ name: a, run: make }]\n`);
    assert.deepEqual(
      said.map(({ code }) => code),
      ['not-yet'],
      key,
    );
  }
});

test('the manual lists every key as the schema describes it', () => {
  const expected = manual.replace(/(<!-- keys:[^\n]*\n)[\s\S]*(<!-- end of keys -->)/, (_all, start, end) => {
    return `${start}\n${keyReference(schema)}\n${end}`;
  });
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync('docs/workflow-file.md', expected);
  else assert.equal(manual, expected);
});

test('the example of the manual is fine', async () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(manual)?.[1] ?? '';
  assert.deepEqual(await diagnose(example), []);
});

interface SchemaNode {
  readonly [key: string]: unknown;
}

function descriptionOf(node: SchemaNode): string {
  if (typeof node.description === 'string') return node.description;
  const name = typeof node.$ref === 'string' ? (node.$ref.split('/').at(-1) ?? '') : '';
  return name === '' ? '' : descriptionOf(schema.definitions[name]);
}

function keysOf(node: unknown, path = ''): { path: string; node: SchemaNode }[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const own = path.endsWith('/properties') ? [{ path: `${path}/${key}`, node: value as SchemaNode }] : [];
    return [...own, ...keysOf(value, `${path}/${key}`)];
  });
}
