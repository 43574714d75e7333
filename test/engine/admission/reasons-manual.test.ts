import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SKIP_CAUSES } from '../../../src/model/firing.ts';

test('the manual explains every reason for which a firing starts nothing, and no other', () => {
  const manual = readFileSync('docs/daemon.md', 'utf8');
  const section = /## When a run begins\n([\s\S]*?)\n## /.exec(manual)?.[1] ?? '';
  const listed = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1]);
  assert.deepEqual(listed, [...SKIP_CAUSES]);
});
