import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLongEnough, variantsOf } from '../../../src/util/mask/variants.ts';

const texts = (secret: string) => variantsOf(secret).map((form) => form.toString());

/** How tools write the secret, collected from the tools themselves. */
const FORMS: readonly [string, string, string][] = [
  ['JSON', 'a"b\\c\nd/é<x', 'a\\"b\\\\c\\nd/é<x'],
  ['JSON of PHP', 'ab/cd"', 'ab\\/cd\\"'],
  ['JSON of Python', 'caf\u00e9"1', 'caf\\u00e9\\"1'],
  ['JSON of Go', 'a<b>&c', 'a\\u003cb\\u003e\\u0026c'],
  ['HTML text', 'a<b>&"c', 'a&lt;b&gt;&amp;"c'],
  ['HTML attribute', `a<"b'`, 'a&lt;&quot;b&#39;'],
  ['HTML of Go', `a<"b'`, 'a&lt;&#34;b&#39;'],
  ['HTML of Python', `a<"b'`, 'a&lt;&quot;b&#x27;'],
  ['HTML of Handlebars', 'a`b=c', 'a&#x60;b&#x3D;c'],
  ['single quotes of a shell', "it's1", "it'\\''s1"],
  ['single quotes of Python', "it's1", `it'"'"'s1`],
  ['double quotes of a shell', 'a"$b`', 'a\\"\\$b\\`'],
  ["$'…' of a shell", "a\n'b\\", "a\\n\\'b\\\\"],
  ['%q of a shell', 'a b&c$', 'a\\ b\\&c\\$'],
  ['URL', 'a b/ü', 'a%20b%2F%C3%BC'],
  ['URL in lower case', 'a b/ü', 'a%20b%2f%c3%bc'],
  ['URL path', 'a b/ü', 'a%20b/%C3%BC'],
  ['encodeURIComponent', "a b!'", "a%20b!'"],
  ['encodeURI', 'a b?&', 'a%20b?&'],
  ['HTML form', 'a b~*', 'a+b%7E*'],
  ['hex', 'abcd', '61626364'],
  ['hex in upper case', 'jklm', '6A6B6C6D'],
  ['base64', 'hunter2', 'aHVudGVyMg=='],
  ['base64 without padding', 'hunter2', 'aHVudGVyMg'],
  ['base64 after one byte', 'hunter2', Buffer.from('xhunter2').toString('base64').slice(2)],
  ['base64 after two bytes', 'hunter2', Buffer.from('xyhunter2').toString('base64').slice(3)],
  ['URL-safe base64', '~~~???', Buffer.from('~~~???').toString('base64url')],
  ['base64 of what echo prints', 'hunter2', Buffer.from('hunter2\n').toString('base64')],
  ['the text without space around it', ' hunter2\n', 'hunter2'],
  ['a line', 'first line\nx\nlast line', 'first line'],
  ['lines ended by CRLF', 'ab\ncd', 'ab\r\ncd'],
];

for (const [name, secret, form] of FORMS) {
  test(`a secret is known as ${name}`, () => {
    assert.ok(texts(secret).includes(form), `${form} is not among ${JSON.stringify(texts(secret))}`);
  });
}

test('short lines, and forms under four characters, are left out', () => {
  const forms = texts('1234567\nabc\nlong enough');
  assert.ok(!forms.includes('1234567'));
  assert.ok(!forms.includes('abc'));
  assert.ok(variantsOf('abcd').every((form) => form.length >= 4));
});

test('no form stands in the list twice', () => {
  for (const secret of ['plainsecret', 'a b\nc d\n', '12345678']) {
    assert.equal(new Set(texts(secret)).size, texts(secret).length);
  }
});

test('a secret needs four characters besides the space around it', () => {
  assert.equal(isLongEnough('abc'), false);
  assert.equal(isLongEnough(' abc \n'), false);
  assert.equal(isLongEnough('     '), false);
  assert.equal(isLongEnough('😀😀'), false);
  assert.equal(isLongEnough('😀😀😀😀'), true);
  assert.equal(isLongEnough('abcd'), true);
});
