import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../src/workflow/limits.ts';
import type { Loaded } from '../../src/workflow/load.ts';
import { findings, loadText } from '../support/load-text.ts';

const MEBI = 1024 * 1024;
const TASK = 'taskGroup: [{ name: a, run: make }]\n';

function filled(unit: string, before = ''): string {
  return before + unit.repeat(Math.floor((MEBI - before.length) / Buffer.byteLength(unit)));
}

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_item, level) => {
    return `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(10)}]\n`;
  });
  return `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${levels.join('')}`;
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_item, index) => line(index)).join('');
}

function scripts(unit: string): string {
  const script = (index: number) => `- {name: t${index}, run: "echo {{inputs.a}} ${filled(unit).slice(0, 60_000)}"}\n`;
  return `inputs: { a: { type: string } }\ntaskGroup:\n${lines(16, script)}`;
}

const HOSTILE: Readonly<Record<string, string>> = {
  'a mebibyte of brackets': filled('['),
  'a list of a quarter million items': filled('- a\n'),
  'fifty thousand keys': Array.from({ length: 50_000 }, (_item, index) => `k${index}: v\n`).join(''),
  'five thousand nested mappings': Array.from({ length: 1_000 }, (_item, index) => `${' '.repeat(index)}a:\n`).join(''),
  'an alias bomb': bomb(),
  'a mebibyte of quotes': filled('"'),
  'a mebibyte of commas': filled(',', '['),
  'half a million wrong escapes': `${filled('\\q', 'a: "')}"`.slice(0, MEBI),
  'a mebibyte of blank lines in a block': filled('\n', 'a: |\n'),
  'a quarter million missing commas': filled('"a" ', '['),
  'a million directives': filled('%a\n'),
  'a mebibyte of invisible characters': filled('\u200b', 'a: x'),
  'lists 45 deep, over and over': filled(`- ${'['.repeat(45)}${']'.repeat(45)}\n`),
  'mappings 45 deep, over and over': filled(`- ${'{a: '.repeat(45)}${'}'.repeat(45)}\n`),
  'quotes over two lines, over and over': filled('- "a\n  b"\n'),
  'stray commas in all lines': `taskGroup:\n${'- name: a,\n  run: "x",\n'.repeat(5_500)}`,
  'ninety thousand wrong references': `taskGroup:\n${lines(100, (index) => `- {name: t${index}, run: "${'echo {{inputs.a}}; '.repeat(500)}"}\n`)}`,
  'thirty-six thousand wrong values': `taskGroup:\n${lines(9_000, (index) => `- {name: t${index}, run: x, timeout: 5, retry: x, env: [a], shell: {}}\n`)}`,
  'nine thousand unknown names': `taskGroup:\n${lines(9_000, (index) => `- {name: t${index}, run: x, depends_on: [u${index}, v${index}]}\n`)}`,
  'substitutions that never end': scripts('$((1+'),
  'command substitutions that never end': scripts('$(a '),
  'half a million commands': scripts('a;'),
};

/** Milliseconds this process computes. */
async function costOf(action: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await action();
  return process.cpuUsage(before).user / 1000;
}

// What loads costs about as much as the largest file that is welcome; measured here, so that a slow machine is none the wiser.
let welcome = 0;

before(async () => {
  const link = (index: number) =>
    `- {name: t${index}, run: x, env: {A: b}, depends_on: t${(index + 1) % 10_000}, tags: {a: b}}\n`;
  const chain = `taskGroup:\n${lines(10_000, link)}`;
  await loadText(chain);
  welcome = await costOf(() => loadText(chain));
});

for (const [name, text] of Object.entries(HOSTILE)) {
  test(`${name}: refused soon`, { timeout: 60_000 }, async () => {
    let loaded: Loaded | undefined;
    const cost = await costOf(async () => {
      loaded = await loadText(text);
    });
    assert.equal(loaded?.workflow, null);
    const { length } = loaded.diagnostics;
    assert.ok(length > 0 && length <= 201, String(length));
    assert.ok(cost < 3 * welcome, `${cost} ms, and ${welcome} for ten thousand tasks`);
  });
}

test('of more than two hundred remarks only the first are kept', async () => {
  const { diagnostics } = await loadText(
    `taskGroup:\n${lines(150, (index) => `- {name: t${index}, rum: x, foo: y}\n`)}`,
  );
  assert.equal(diagnostics.length, 201);
  const last = diagnostics.at(-1);
  assert.equal(
    `${last?.severity} ${last?.code}: ${last?.message}`,
    'error more: these are the first 200 remarks; there may be more',
  );
});

test('a file of more than a mebibyte is refused unread, one of exactly that is read', async () => {
  assert.deepEqual(await findings(`${filled('#')}#`), ['1:1 too-large']);
  assert.deepEqual(await findings(filled('#')), ['1:1 empty-file']);
});

test('ten thousand tasks load, one more does not', async () => {
  const tasks = (count: number) =>
    `taskGroup:\n${Array.from({ length: count }, (_item, index) => `- {name: t${index}, run: x}\n`).join('')}`;
  assert.equal((await loadText(tasks(10_000))).workflow?.tasks.length, 10_000);
  assert.deepEqual(await findings(tasks(10_001)), ['1:1 too-large']);
});

test('two thousand keys are fine, one more is not', async () => {
  const keys = (count: number) => Array.from({ length: count }, (_item, index) => `    K${index}: v\n`).join('');
  const file = (count: number) => `taskGroup:\n- name: a\n  run: x\n  env:\n${keys(count)}`;
  assert.deepEqual(await findings(file(DEFAULT_LIMITS.keys)), []);
  assert.deepEqual(await findings(file(DEFAULT_LIMITS.keys + 1)), ['1:1 too-large']);
});

test('fifty levels are read, one more is not', async () => {
  const file = (depth: number) => `x: ${'['.repeat(depth)}${']'.repeat(depth)}\n${TASK}`;
  assert.deepEqual(await findings(file(DEFAULT_LIMITS.depth - 1)), ['1:1 unknown-key']);
  assert.deepEqual(await findings(file(DEFAULT_LIMITS.depth)), ['1:1 too-large']);
});

test('a thousand values by alias are fine, one more is not', async () => {
  const aliases = (count: number) => `tags: { a: &x y }\nx-: [${'*x,'.repeat(count)}]\n${TASK}`;
  assert.deepEqual(await findings(aliases(DEFAULT_LIMITS.aliasNodes)), ['2:1 unknown-key']);
  assert.deepEqual(await findings(aliases(DEFAULT_LIMITS.aliasNodes + 1)), ['1:1 too-large']);
});

test('a chain of ten thousand tasks that ends where it begins is shown as one cycle', async () => {
  const line = (index: number) => `- {name: t${index}, run: x, depends_on: [t${(index + 9_999) % 10_000}]}\n`;
  const said = await findings(`taskGroup:\n${Array.from({ length: 10_000 }, (_item, index) => line(index)).join('')}`);
  assert.deepEqual(said, ['2:35 cycle']);
});

test('whatever is done to a good file, it loads or says why not', async () => {
  const good = readFileSync('test/golden/ok/everything.yaml', 'utf8');
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '\t',
    '"',
    "'",
    '{{',
    '}}',
    '&a ',
    '*a',
    '<<: ',
    '#',
    '\u00a0',
    ',',
    '|',
    '0',
    'null',
    '\ud800',
    '!x ',
    '? ',
    '\r',
    '__proto__: ',
    '%',
    '---\n',
  );
  const edit = fc.record({ at: fc.nat(good.length), cut: fc.nat(12), put: piece });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
      const text = edits.reduce((now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut), good);
      const { workflow, diagnostics } = await loadText(text);
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      assert.equal(workflow === null, errors.length > 0);
      const lines = text.split('\n').length;
      for (const { place } of diagnostics)
        assert.ok(place.line >= 1 && place.line <= lines && place.column >= 1 && place.length >= 1);
    }),
    { numRuns: 300 },
  );
});
