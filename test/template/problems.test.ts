import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileExpression, compileScript, compileText } from '../../src/template/compile.ts';
import { render } from './support.ts';

/** Source, code, the text the problem points at, and what its message or hint says. */
const PROBLEMS: readonly (readonly [string, string, string, RegExp])[] = [
  ['${{ inputs.x }}', 'bad-template', '${{ inputs.x }}', /write \{\{ inputs.x \}\}$/],
  ['{{ foo.password )}', 'bad-template', ')}', /did you mean "\}\}"/],
  ['{{ a', 'bad-template', '{{', /never closed/],
  ['a {{#if b}}c', 'bad-template', 'c', /needs its/],
  ['{{#if a}}x{{/each}}', 'bad-template', 'if', /doesn't match/],
  ['{"id": {{ a }}}', 'bad-template', '}}}', /\{\{ a~\}\} \}/],
  ['${x:-{{v}}}', 'bad-template', '}}}', /\{\{v~\}\} \}/],
  ['{{ a.0 }}', 'bad-template', '0', /list\.\[0\]/],
  ['{{ a == b }}', 'bad-template', '=', /eq a b/],
  ['{{ a && b }}', 'bad-template', '&', /and a b/],
  ['{{ a | upper }}', 'bad-template', '|', /no operators/],
  ['{{> header }}', 'bad-template', '{{> header }}', /partial/],
  ['{{#> layout }}x{{/layout}}', 'bad-template', '{{#> layout }}x{{/layout}}', /partial/],
  ['{{* note }}', 'bad-template', '{{* note }}', /decorator/],
  ['{{#*inline "a"}}x{{/inline}}', 'bad-template', '{{#*inline "a"}}x{{/inline}}', /inline/],
  ['{{{{raw}}}}', 'bad-template', '{{{{', /four braces/],
  ['{{ log a }}', 'unknown-helper', 'log', /no helper "log"/],
  ['{{ lookup a "b" }}', 'unknown-helper', 'lookup', /no helper/],
  ['{{#with a}}b{{/with}}', 'unknown-helper', 'with', /if, unless and each/],
  ['{{ startsWith a "b" }}', 'unknown-helper', 'startsWith', /starts_with/],
  ['{{ uper a }}', 'unknown-helper', 'uper', /"upper"/],
  ['{{ quote a }}', 'unknown-helper', 'quote', /\\\{\{/],
  ['{{ eq a }}', 'bad-template', 'eq', /takes 2 values/],
  ['{{ json }}', 'bad-template', 'json', /takes 1 value/],
  ['{{ eq a b c=1 }}', 'bad-template', 'c=1', /name=value/],
  ['{{#each a as |b|}}{{b}}{{/each}}', 'bad-template', 'each', /bars/],
  ['{{ ../a }}', 'bad-template', '../a', /"\.\.\/"/],
  ['{{ this.a }}', 'bad-template', 'this.a', /only within/],
  ['{{ @index }}', 'bad-template', '@index', /means nothing/],
  ['{{#each a}}{{@root}}{{/each}}', 'bad-template', '@root', /means nothing/],
  ['{{ a.this }}', 'bad-template', 'a.this', /Invalid path/],
  ['{{ undefined }}', 'bad-template', 'undefined', /cannot be used/],
];

test('every mistake is told where it stands, with what to write instead', () => {
  for (const [source, code, at, text] of PROBLEMS) {
    const { value, problems } = compileText(source);
    const [problem] = problems;
    assert.equal(value, null, source);
    assert.ok(problem, source);
    assert.equal(problem.code, code, source);
    assert.match(`${problem.message} ${problem.hint ?? ''}`, text, source);
    const pointed = source.slice(problem.offset, problem.offset + problem.length);
    assert.ok(pointed === at || at.startsWith(pointed), `${source}: points at ${JSON.stringify(pointed)}`);
  }
});

test('all mistakes of a text are told at once, in order', () => {
  const codes = compileText('{{ foo a }} {{ eq a }} {{> b }} {{ bar c }}').problems.map(({ code, offset }) => [
    code,
    offset,
  ]);
  assert.deepEqual(codes, [
    ['unknown-helper', 3],
    ['bad-template', 15],
    ['bad-template', 23],
    ['unknown-helper', 35],
  ]);
  assert.deepEqual(
    compileText('{{ a b= }}\n{{ c.0 }} {{ ok }}').problems.map(({ offset }) => offset),
    [8, 16],
  );
});

test('offsets are those of the text as given, leading dots, comments and line ends included', () => {
  for (const before of ['', '{{ .a.b }}\r\n', '\n\n{{!-- .x }} --}}\n', '\r{{! y }} é🙂 ']) {
    const source = `${before}{{ nope .a.b }}`;
    assert.equal(compileText(source).problems[0]?.offset, source.indexOf('nope'), JSON.stringify(source));
  }
});

test('too large or too deeply nested is refused at once', () => {
  const hostile: readonly (readonly [string, string])[] = [
    ['{{a}}'.repeat(20_000), 'too-large'],
    ['{{#if a}}'.repeat(5_000), 'too-large'],
    ['{{#if a}}'.repeat(3_000) + '{{/if}}'.repeat(3_000), 'too-large'],
    [`{{#if a}}${'{{else if a}}'.repeat(3_000)}{{/if}}`, 'too-large'],
    [`{{${'(not '.repeat(5_000)}a${')'.repeat(5_000)}}}`, 'too-large'],
    ['{{'.repeat(30_000), 'bad-template'],
    ['{{ "'.repeat(15_000), 'bad-template'],
    ['{{ a b= }}'.repeat(6_000), 'bad-template'],
  ];
  for (const [source, code] of hostile) {
    const started = performance.now();
    assert.equal(compileText(source).problems[0]?.code, code, source.slice(0, 20));
    assert.ok(performance.now() - started < 2_000, source.slice(0, 20));
  }
  assert.deepEqual(compileText('{{a}}'.repeat(13_000)).problems, []);
  assert.deepEqual(compileText('{{#if a}}'.repeat(50) + '{{/if}}'.repeat(50)).problems, []);
});

test('a hostile script is answered at once', () => {
  const hostile = [
    `echo ${'$(echo '.repeat(5_000)}{{a.b}}${')'.repeat(5_000)}`,
    `${'sudo '.repeat(10_000)}{{a.b}}`,
    `find ${'-exec '.repeat(8_000)}{{a.b}}`,
    `docker ${'sh '.repeat(10_000)}{{a.b}}`,
    `docker ${'python '.repeat(9_000)}{{a.b}}`,
    `${'a|'.repeat(20_000)}echo {{a.b}}`,
    `${'{ '.repeat(5_000)}echo {{a.b}};${' }'.repeat(5_000)}`,
    `${Array.from({ length: 2_000 }, (_item, index) => `f${index}() { f${index + 1}; }`).join('\n')}\necho {{a.b}} | f0`,
    'echo {{a.b}}\n'.repeat(5_000),
    `echo ${'\\'.repeat(60_000)} {{a.b}}`,
    `# ${'# {{a.b}} '.repeat(5_000)}`,
  ];
  for (const source of hostile) {
    const started = performance.now();
    compileScript(source, { dialect: 'bash', isPlainNumber: () => false });
    assert.ok(performance.now() - started < 3_000, source.slice(0, 20));
  }
});

test('a render that grows or runs without end is stopped', () => {
  const list = Array.from({ length: 500 }, (_item, index) => index);
  const values = { v: { list, text: 'a'.repeat(65_536) } };
  const loops = '{{#each v.list}}'.repeat(4) + '{{/each}}'.repeat(4);
  assert.throws(() => render(loops, values), /steps/);
  assert.throws(() => render('{{ v.text }}'.repeat(20), values), /longer than 1048576/);
  assert.throws(() => render('{{ replace v.text "a" v.text }}', values), /more than 1048576/);
  assert.throws(() => render('{{ matches v.text "*" }}', values), /more than 16384/);
});

test('a condition is one bare value, and mistakes in it are told in its own words', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /exactly one value/],
    ['a }} {{ b', /exactly one value/],
    ['text {{ a }}', /never closed|not expected|ends too early/],
    ['eq a (b', /ends too early/],
    ['a == b', /eq a b/],
    ['(eq a b)', /leave the outer parentheses out/],
    ['success()', /depends_on/],
    ['#if a', /./],
    ['! comment', /exactly one value/],
    ['${{ a }}', /./],
    ['{{{ a }}}', /./],
  ];
  for (const [source, text] of wrong) {
    const { value, problems } = compileExpression(source);
    assert.equal(value, null, source);
    assert.match(`${problems[0]?.message} ${problems[0]?.hint}`, text, source);
    for (const { offset } of problems) assert.ok(offset >= 0 && offset <= source.length, source);
  }
  assert.equal(compileExpression('nope a').problems[0]?.offset, 0);
});
