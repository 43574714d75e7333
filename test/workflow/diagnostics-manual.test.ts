import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { globSync } from '../../scripts/glob.ts';
import { formatDiagnostics } from '../../src/workflow/print-diagnostic.ts';
import { diagnose, loadText } from '../support/load-text.ts';

const manual = readFileSync('docs/diagnostics.md', 'utf8');
const headings = [...manual.matchAll(/^### (\S+)$/gm)].map((match) => match[1] ?? '');

test('the manual explains every code of the source, and no other', () => {
  assert.deepEqual([...headings].sort(), [...codesOfTheSource()].sort());
});

test('the manual explains each code once', () => {
  assert.equal(new Set(headings).size, headings.length);
});

test('the examples of the manual print what the manual says', async () => {
  let current = manual;
  for (const [section, code, source, printed] of manual.matchAll(EXAMPLE)) {
    const now = await printedFor(code ?? '', source ?? '');
    assert.match(now, new RegExp(`\\[${code}\\]`), `the example of ${code} does not show it`);
    if (process.env.UPDATE_GOLDEN === '1')
      current = current.replace(section, () => section.replace(printed ?? '', () => now));
    else assert.equal(printed, now);
  }
  if (current !== manual) writeFileSync('docs/diagnostics.md', current);
});

const EXAMPLE = /^### (\S+)\n\n[^\n]+\n\n```yaml\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```\n/gm;

async function printedFor(code: string, source: string): Promise<string> {
  const file = 'example.yml';
  const all = code === 'no-trigger' ? (await loadText(source, file)).diagnostics : await diagnose(source, file);
  return formatDiagnostics(all, { color: false });
}

// Where a code stands in the source: as the first argument of a report, or as a property.
const CODES = [
  /\b(?:error|warning|info)\(\s*'([a-z][a-z0-9-]+)'/g,
  /\b(?:syntax|refuse)\(\s*'([a-z][a-z0-9-]+)'/g,
  /\bcode: '([a-z][a-z0-9-]+)'/g,
];

function codesOfTheSource(): Set<string> {
  const folders = ['src/workflow', 'src/catalog', 'src/config'];
  const files = [...folders.flatMap((folder) => globSync(folder, '.ts')), 'src/util/read-file.ts', 'src/util/cron.ts'];
  const found = files.flatMap((name) => CODES.flatMap((pattern) => all(readFileSync(name, 'utf8'), pattern)));
  return new Set([...found, ...codesOfTemplates()]);
}

function codesOfTemplates(): string[] {
  const union = /type ProblemCode =([^;]+);/.exec(readFileSync('src/template/problem.ts', 'utf8'))?.[1] ?? '';
  return all(union, /'([a-z-]+)'/g);
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}
