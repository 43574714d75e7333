import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { globSync } from '../scripts/glob.ts';

test('the manual has the figure and the goal of every row of the bench, and no other', () => {
  const source = globSync('test/bench', '.ts').map((file) => readFileSync(file, 'utf8'));
  const rows = source.flatMap((text) => [
    ...text.matchAll(/\brow\(\s*'([^']+)',(?:(?!row\()[^;])*?'([^']+)',?\s*\)[;,]/g),
  ]);
  const table = readFileSync('docs/performance.md', 'utf8').matchAll(/^\| (.*[^-]) \| [^|]*\d[^|]* \| (.+) \|$/gm);
  assert.deepEqual(
    [...table].map(([, name, goal]) => `${name}: ${goal}`).sort(),
    rows.map(([, name, goal]) => `${name}: ${goal}`).sort(),
  );
});
