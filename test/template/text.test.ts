import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/model/json.ts';
import { TemplateError } from '../../src/model/template.ts';
import { compileText } from '../../src/template/compile.ts';
import { contextOf, render, renderWhole, VALUES } from './support.ts';

test('a text without a template is itself', () => {
  for (const text of ['', 'plain', '{ a }', '}}', '$HOME {x}']) assert.equal(compileText(text).value, text);
});

test('a backslash makes two braces literal, two backslashes are one before a value', () => {
  assert.equal(compileText('docker ps --format \\{{.Names}}').value, 'docker ps --format {{.Names}}');
  assert.equal(render('\\{{ a }} {{ inputs.channel }}'), '{{ a }} beta');
  assert.equal(render('\\\\{{ inputs.channel }}'), '\\beta');
});

test('values are put in as they are, without any escaping', () => {
  const value = `<a href="x">&'$(id)\`\\{{ y }}`;
  assert.equal(render('[{{ v.x }}|{{{ v.x }}}|{{& v.x }}]', { v: { x: value } }), `[${value}|${value}|${value}]`);
});

test('a value is never rendered again', () => {
  assert.equal(render('{{ trigger.payload.title }}'), '{{ secrets.TOKEN }}');
});

test('a leading dot is accepted wherever a path stands', () => {
  assert.equal(render('{{ .inputs.channel }}{{.inputs.channel}}{{lower .inputs.channel}}'), 'betabetabeta');
  assert.equal(
    render('{{#if .inputs.dry}}a{{else}}{{~ .inputs.count ~}} {{/if}}{{upper (lower .inputs.channel)}}'),
    '3BETA',
  );
});

test('task.output.name and task.outputs.name are task.name', () => {
  assert.equal(render('{{ .version.output.version }} {{ version.outputs.version }}'), '1.2.3 1.2.3');
  const { value } = compileText('{{ .version.output.version }}{{ trigger.output.x }}');
  assert.ok(value && typeof value !== 'string');
  assert.deepEqual(
    value.references.map(({ path }) => path.join('.')),
    ['version.version', 'trigger.output.x'],
  );
});

test('numbers and truth values have their JSON text, list items are reached in brackets', () => {
  assert.equal(
    render('{{ inputs.count }} {{ inputs.dry }} {{ inputs.list.[1] }} {{ 1.5 }} {{ "q" }}'),
    '3 false b 1.5 q',
  );
});

test('if, unless, else and else if choose', () => {
  assert.equal(render('{{#if inputs.dry}}a{{else if (eq inputs.count 3)}}b{{else}}c{{/if}}'), 'b');
  assert.equal(render('{{#unless version.no}}a{{else}}b{{/unless}}{{^if inputs.dry}}c{{/if}}'), 'ac');
});

test('each goes through lists and objects', () => {
  assert.equal(render('{{#each inputs.list}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}'), '0a,1b');
  assert.equal(render('{{#each inputs.object}}{{@key}}={{.}}{{/each}}'), 'k=1');
  assert.equal(render('{{#each trigger.payload.commits}}{{this.id}} {{inputs.count}};{{/each}}'), 'c1 3;c2 3;');
  assert.equal(render('{{#each v.none}}x{{else}}none{{/each}}', { v: { none: [] } }), 'none');
  assert.equal(
    render('{{#each v.rows}}{{#each this}}{{this}}{{/each}};{{/each}}', { v: { rows: [[1, 2], [3]] } }),
    '12;3;',
  );
});

test('tildes take the blanks away, comments and the lines of blocks leave nothing', () => {
  assert.equal(render('a  {{~ inputs.channel ~}}  b'), 'abetab');
  assert.equal(render('a{{! .x }}b{{!-- }} .y --}}c'), 'abc');
  assert.equal(render('a\n{{#if inputs.count}}\nb\n{{/if}}\nc'), 'a\nb\nc');
});

test('what is missing is an error that says where and what there is', () => {
  const errors: readonly (readonly [string, RegExp, number])[] = [
    ['{{ inputs.chanel }}', /"inputs.chanel" does not exist; "inputs" has channel, count/, 3],
    ['a {{ nope.x }}', /"nope" does not exist; there is inputs, secrets/, 5],
    ['{{ version.version.x }}', /"version.version.x" does not exist; "version.version" is not an object/, 3],
    ['{{#if nope.x}}a{{/if}}', /"nope" does not exist/, 6],
    ['{{ trigger.payload.nope }}', /"trigger.payload.nope" does not exist/, 3],
    ['{{#each trigger.payload.commits}}{{this.author}}{{/each}}', /"this.author" does not exist; "this" has id/, 35],
    ['{{ inputs.list.[7] }}', /has 2 items/, 3],
  ];
  for (const [source, message, offset] of errors) {
    assert.throws(
      () => render(source),
      (error) =>
        error instanceof TemplateError &&
        message.test(error.message) &&
        error.offset === offset &&
        error.source === source,
      source,
    );
  }
});

test('null, lists and objects have no text', () => {
  assert.throws(() => render('{{ inputs.nothing }}'), /"inputs.nothing" is null.*"default"/);
  assert.throws(() => render('{{ inputs.list }}'), /is a list.*"json" or "join"/);
  assert.throws(() => render('{{ inputs.object }}'), /is an object.*"json"/);
  assert.throws(() => render('{{#each inputs.channel}}x{{/each}}'), /neither a list nor an object/);
});

test('only own properties of data are reached', () => {
  for (const path of [
    'constructor',
    '__proto__',
    'inputs.constructor',
    'inputs.__proto__.x',
    'inputs.list.length',
    'inputs.channel.length',
  ]) {
    assert.throws(() => render(`{{ ${path} }}`), /does not exist/, path);
  }
  const payload = JSON.parse('{"__proto__": "own", "toString": "x", "if": "y", "each": {"log": "z"}}') as JsonObject;
  assert.equal(
    render('{{ v.__proto__ }} {{ v.toString }} {{ v.if }} {{ v.each.log }} {{ if.if }}', { v: payload, if: payload }),
    'own x y z y',
  );
});

test('a text is confidential when a confidential value went into it', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['{{ secrets.TOKEN }}', true],
    ['{{ inputs.channel }}', false],
    ['{{ base64 secrets.TOKEN }}', true],
    ['{{ default secrets.TOKEN "x" }}', true],
    ['{{ json secrets }}', true],
    ['{{#each secrets}}{{this}}{{/each}}', true],
    ['{{#if secrets.TOKEN}}on{{/if}}', false],
    ['{{#if secrets.TOKEN}}{{ secrets.TOKEN }}{{/if}}', true],
    ['{{ or inputs.channel secrets.TOKEN }}', false],
  ];
  for (const [source, confidential] of cases) assert.equal(renderWhole(source).confidential, confidential, source);
});

test('the message of an error never holds a value', () => {
  for (const source of [
    '{{ gt secrets.TOKEN 1 }}',
    '{{ join secrets.TOKEN }}',
    '{{ secrets.TOKEN.x }}',
    '{{ includes secrets.TOKEN inputs.list }}',
  ]) {
    assert.throws(
      () => render(source),
      (error) => error instanceof TemplateError && !error.message.includes('hunter2'),
      source,
    );
  }
});

test('references are all paths into the context, where they stand, also in branches that are not taken', () => {
  const source =
    '{{ .a.b }}{{#if (eq c.d "x")}}{{ e.f }}{{else}}{{#each g.h}}{{this.i}}{{@key}}{{lower j.k}}{{/each}}{{/if}}\n{{ l.[m n] }}';
  const { value } = compileText(source);
  assert.ok(value && typeof value !== 'string');
  assert.deepEqual(
    value.references.map(({ path, offset, length }) => [path.join('.'), source.slice(offset, offset + length)]),
    [
      ['a.b', 'a.b'],
      ['c.d', 'c.d'],
      ['e.f', 'e.f'],
      ['g.h', 'g.h'],
      ['j.k', 'j.k'],
      ['l.m n', 'l.[m n]'],
    ],
  );
});

test('any text around a value comes out as it was', () => {
  const text = fc
    .string({ unit: 'grapheme' })
    .filter((plain) => !plain.includes('{{') && !/[\\{$\0]$/.test(plain) && !plain.includes('\0'));
  fc.assert(
    fc.property(text, text, fc.string(), (before, after, value) => {
      fc.pre(!after.startsWith('}'));
      assert.equal(render(`${before}{{ v.x }}${after}`, { v: { x: value } }), before + value + after);
    }),
  );
});

test('whatever is written, compiling answers with a value or with problems inside the text', () => {
  const pieces = fc.constantFrom(
    '{{',
    '}}',
    '{{{',
    '#if ',
    '/if',
    'else',
    'a',
    '.b',
    ' ',
    '"',
    "'",
    '(',
    ')',
    '!--',
    '--',
    '~',
    '@',
    '[',
    ']',
    '\\',
    '$',
    '\n',
    '|',
    '>',
    '*',
    '^',
    'eq ',
    '=',
    '1',
    '\u2028',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
      const source = parts.join('');
      const { value, problems } = compileText(source);
      assert.equal(value === null, problems.length > 0, source);
      for (const { offset, length } of problems)
        assert.ok(offset >= 0 && length >= 1 && offset <= source.length, source);
      if (value === null || typeof value === 'string') return;
      try {
        value.render(contextOf(VALUES));
      } catch (error) {
        assert.ok(error instanceof TemplateError, source);
      }
    }),
    { numRuns: 2000 },
  );
});
