import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.ts';
import { SETTINGS, type Setting } from '../../src/config/settings.ts';
import { DURATION_PATTERN } from '../../src/util/duration.ts';
import { SIZE_PATTERN } from '../../src/util/size.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface SchemaNode {
  readonly description?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
}

const schema: SchemaNode = JSON.parse(readFileSync('schemas/config.schema.json', 'utf8'));
const manual = readFileSync('docs/config.md', 'utf8');
const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);
const keys = keysOf(schema, '');

test('the schema and the code know the same keys', () => {
  const inCode = settings.map(({ key }) => key).sort();
  assert.deepEqual(keys.map(({ key }) => key).sort(), inCode);
});

test('every key of the schema has a description', () => {
  for (const { key, node } of keys) assert.ok((node.description ?? '') !== '', key);
});

test('no variable of the environment stands for two keys', () => {
  assert.equal(new Set(settings.map(({ env }) => env)).size, settings.length);
});

test('durations and sizes are written as everywhere', () => {
  assert.equal(schema.definitions?.duration?.pattern, DURATION_PATTERN.source);
  const size = new RegExp(schema.definitions?.size?.pattern ?? '');
  for (const text of ['1B', '12KiB', '3TiB', '1', '1KB', '1.5MiB'])
    assert.equal(size.test(text), SIZE_PATTERN.test(text));
});

test('the manual lists every key with its variable, option, default and meaning', () => {
  const rows = keys.map(({ key, node }) => row(key, node.description ?? ''));
  const table = ['| key | variable | option | default | meaning |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
  const expected = manual.replace(/(<!-- settings:[^\n]*\n)[\s\S]*(<!-- end of settings -->)/, (_all, start, end) => {
    return `${start}\n${table}\n\n${end}`;
  });
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync('docs/config.md', expected);
  else assert.equal(manual, expected);
});

test('the example of the manual is fine', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'config.yml');
  writeFileSync(file, /```yaml\n([\s\S]*?)```/.exec(manual)?.[1] ?? '');
  chmodSync(file, 0o600);
  const loaded = await loadConfig({ flags: {}, env: {}, cwd: folder, usualStateDir: folder, processors: 1 });
  assert.ok('config' in loaded && loaded.file === file);
});

function row(key: string, description: string): string {
  const setting = settings.find((one) => one.key === key);
  assert.ok(setting !== undefined, key);
  const option = setting.flag === null ? '' : `\`--${setting.flag}\``;
  return `| \`${key}\` | \`${setting.env}\` | ${option} | ${setting.usual} | ${description.replaceAll('|', '\\|')} |`;
}

function keysOf(node: SchemaNode, prefix: string): { key: string; node: SchemaNode }[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = `${prefix}${name}`;
    return child.properties === undefined ? [{ key, node: child }] : keysOf(child, `${key}.`);
  });
}
