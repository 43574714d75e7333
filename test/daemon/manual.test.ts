import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const MANUAL = readFileSync('docs/daemon.md', 'utf8');

/** The first words of the rows of the table below a heading. */
function rows(heading: string): string[] {
  const section = MANUAL.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1] ?? '');
}

test('the manual explains every state of a workflow that the API tells', () => {
  const type = /type WorkflowState = ([^;]+);/.exec(readFileSync('src/model/api.ts', 'utf8'))?.[1] ?? '';
  const states = [...type.matchAll(/'(\w+)'/g)].map((match) => match[1]);
  assert.deepEqual(rows('The folder of workflows'), states);
});
