import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileScript } from '../../src/template/compile.ts';
import * as limits from '../../src/template/limits.ts';

const page = readFileSync('docs/templates.md', 'utf8');
const options = { dialect: 'bash', isPlainNumber: () => false } as const;

test('the documented places become what the documentation says', () => {
  const rows = rowsOf('In a shell script');
  assert.ok(rows.length > 10);
  for (const [, written = '', becomes = ''] of rows) {
    const { value, problems } = compileScript(codeIn(written), options);
    assert.deepEqual(problems, [], written);
    assert.equal(typeof value === 'object' && value?.text, codeIn(becomes));
  }
});

test('the documented unsafe places are refused, and what to write instead is not', () => {
  const rows = rowsOf('Where a value cannot stand');
  assert.ok(rows.length > 30);
  for (const [, refused = '', instead = ''] of rows) {
    assert.equal(compileScript(codeIn(refused), options).problems[0]?.code, 'unsafe-template', refused);
    if (/^`[^`]*\{\{[^`]*`$/.test(instead))
      assert.deepEqual(compileScript(codeIn(instead), options).problems, [], instead);
  }
});

test('the documented limits are those of the code', () => {
  const section = sectionOf('Limits').replaceAll(',', '');
  for (const limit of [
    limits.MAX_SOURCE,
    limits.MAX_OUTPUT,
    limits.MAX_NESTING,
    limits.MAX_STEPS,
    limits.MAX_PATTERN,
    limits.MAX_MATCHED,
  ]) {
    assert.ok(section.includes(` ${limit} `), String(limit));
  }
});

function sectionOf(title: string): string {
  return page.split(`\n## ${title}`)[1]?.split('\n## ')[0] ?? '';
}

function rowsOf(title: string): readonly (readonly string[])[] {
  const lines = sectionOf(title)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function codeIn(cell: string): string {
  return cell
    .replace(/^`+ ?| ?`+$/g, '')
    .replaceAll('⏎', '\n')
    .replaceAll('\\|', '|');
}
