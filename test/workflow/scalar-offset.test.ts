import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../src/workflow/limits.ts';
import { Reporter } from '../../src/workflow/reporter.ts';
import { Source } from '../../src/workflow/source.ts';
import { parse } from '../../src/workflow/yaml/parse.ts';
import { rangeWithin, writtenScalar } from '../../src/workflow/yaml/scalar-offset.ts';

// Ways to write the same words; each keeps the order of what is not white space.
const WRITINGS: Readonly<Record<string, (words: readonly string[]) => string>> = {
  plain: (words) => `a: ${words.join(' ')}\n`,
  'plain over lines': (words) => `a: ${words.join('\n  ')}\n`,
  single: (words) => `a: '${words.join(' ').replaceAll("'", "''")}'\n`,
  double: (words) => `a: ${JSON.stringify(words.join(' '))}\n`,
  'double with escapes': (words) => `a: "${words.map(escaped).join(' \\\n   ')}"\n`,
  'double with line escapes': (words) => `a: "${words.map(escaped).join('\\n')}"\n`,
  literal: (words) => `a: |\n  ${words.join('\n  ')}\n`,
  'literal with indicator': (words) => `a: |2-\n    ${words.join('\n  ')}\n`,
  folded: (words) => `a: >-\n  ${words.join('\n  ')}\n`,
  'in a flow mapping': (words) => `{a: '${words.join('\n ').replaceAll("'", "''")}'}\n`,
};

function escaped(word: string): string {
  return [...word].map((character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`).join('');
}

const word = fc.stringMatching(/^[a-z'"\\é🚀]{0,6}$/u).map((text) => `x${text}x`);

for (const [name, write] of Object.entries(WRITINGS)) {
  test(`a word of a value is found where it is written: ${name}`, () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(4), (words, pick) => {
        const index = pick % words.length;
        const marked = words.map((text, position) => (position === index ? 'MARK' : text));
        const text = write(marked);
        const source = new Source('f', text);
        const reporter = new Reporter(source);
        const node = parse(reporter, DEFAULT_LIMITS)?.entries.get('a')?.value;
        assert.ok(node?.kind === 'scalar' && typeof node.value === 'string', text);
        const range = rangeWithin(writtenScalar(node, source), node.value.indexOf('MARK'), 4);
        const expected = text.includes('MARK') ? 'MARK' : escaped('MARK');
        assert.equal(text.slice(range.start, range.end), expected, text);
      }),
      { numRuns: 100 },
    );
  });
}
