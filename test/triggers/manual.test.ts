import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OLDEST_MISSED_MS } from '../../src/triggers/cron.ts';
import { MOST_COMMITS, MOST_FILES } from '../../src/triggers/github-filter.ts';
import { MADE_UP_FOR, MISFIRE_AFTER_MS, RECORDED_SINGLY } from '../../src/triggers/missed-slots.ts';
import { fitsPattern } from '../../src/util/ref-pattern.ts';
import { diagnose } from '../support/load-text.ts';

const page = readFileSync('docs/triggers.md', 'utf8');

test('the example of the manual loads', async () => {
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? '');
  assert.equal(blocks.length, 1);
  for (const block of blocks) {
    const problems = await diagnose(new TextEncoder().encode(block));
    assert.deepEqual(
      problems.filter(({ severity }) => severity !== 'info'),
      [],
    );
  }
});

test('the numbers of the manual are those of the code', () => {
  assert.ok(page.includes(`${MISFIRE_AFTER_MS / 1000} seconds late`));
  assert.ok(page.includes(`beyond ${RECORDED_SINGLY}, the rest`));
  assert.ok(page.includes(`at most ${MADE_UP_FOR};`));
  assert.ok(page.includes(`${OLDEST_MISSED_MS / 86_400_000} days back`));
  assert.ok(page.includes(`at most ${MOST_COMMITS} commits`));
  assert.ok(page.includes(`${MOST_FILES} are looked at`));
});

test('the patterns of the manual fit what it says they fit', () => {
  const rows = [...page.matchAll(/^\| (`[^|]+`) \| (`[^|]+`) \| (`[^|]+`) \|$/gm)].map(([, ...cells]) =>
    cells.map(codesIn),
  );
  assert.equal(rows.length, 8);
  for (const [[pattern = ''] = [], fits = [], others = []] of rows) {
    for (const text of fits) assert.ok(fitsPattern(pattern, text), `${pattern} fits ${text}`);
    for (const text of others) assert.ok(!fitsPattern(pattern, text), `${pattern} does not fit ${text}`);
  }
});

function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}
