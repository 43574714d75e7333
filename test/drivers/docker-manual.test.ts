import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { specReference } from '../../scripts/key-reference.ts';
import { dockerTaskType } from '../../src/drivers/docker/task-type.ts';
import { diagnose } from '../support/load-text.ts';

const schema = JSON.parse(readFileSync('src/drivers/docker/spec.schema.json', 'utf8'));
const manual = readFileSync('docs/docker.md', 'utf8');

test('the manual lists every key of the spec as the schema describes it', () => {
  const expected = manual.replace(/(<!-- keys:[^\n]*\n)[\s\S]*(<!-- end of keys -->)/, (_all, start, end) => {
    return `${start}\n${specReference(schema)}\n${end}`;
  });
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync('docs/docker.md', expected);
  else assert.equal(manual, expected);
});

test('the example of the manual is fine', async () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(manual)?.[1] ?? '';
  assert.deepEqual(await diagnose(example), []);
});

test('every key of the spec says how its templates are treated, and misspelt ones are corrected', async () => {
  assert.deepEqual(Object.keys(dockerTaskType.templates).sort(), keysWithoutEnv().sort());
  const [wrong] = await diagnose('taskGroup: [{ name: a, type: docker, spec: { imgae: x } }]');
  assert.match(wrong?.message ?? '', /did you mean "image"/);
});

// `env` is merged into the task's own.
function keysWithoutEnv(): string[] {
  return Object.keys(schema.properties).filter((key) => key !== 'env');
}
