import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { compileScript } from '../../src/template/compile.ts';
import { isThorough } from '../support/thorough.ts';
import { SAFE_PLACES, type SafePlace } from './safe-places.ts';

const folder = mkdtempSync(join(tmpdir(), 'script-values-'));
after(() => rmSync(folder, { recursive: true }));

const HOSTILE = [
  '',
  ' ',
  'plain',
  'two words',
  '$(touch pwn)',
  '`touch pwn`',
  '"; touch pwn; "',
  "'; touch pwn; '",
  '; touch pwn #',
  '| touch pwn',
  '& touch pwn &',
  '\ntouch pwn\n',
  '\n\n',
  '\r\n',
  'ends with a backslash\\',
  '\\',
  '\\\\',
  '\\"',
  "\\'",
  '$HOME ${HOME} $1 $$ $@',
  '${x:-$(touch pwn)}',
  'x[$(touch pwn)]',
  '-n',
  '--help',
  '-v x[$(touch pwn)]',
  '* ? [a-z] {a,b} ~',
  '!!',
  '%s%n%d',
  '\t tab',
  'X',
  '{{ secrets.TOKEN }}',
  "$'\\x41'",
  '(a b) <c> =d &&',
  'ünïcödé 漢字 🙂 \u2028',
  '#',
  '=',
  'a\u0001b\u007f',
];

const shellText = fc.string({
  unit: fc.constantFrom(...'$(){}[]`"\'\\;|&<>*?~!#%=-+ \t\n@^:/._ab01', 'touch pwn', '${', '$(', 'é', '漢', '🙂'),
  maxLength: 40,
});
const anyText = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .filter((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text));

for (const shell of ['bash', 'dash'] as const) {
  const missing = spawnSync(shell, ['-c', ':']).error ? `${shell} is not installed` : false;
  const places = SAFE_PLACES.filter((place) => shell === 'bash' || !place.bashOnly);

  test(`a value arrives byte for byte at each of ${places.length} places and runs nothing, in ${shell}`, {
    skip: missing,
  }, () => {
    const script = places.map((place) => bound(place, shell)).join('\n');
    const check = (value: string) => {
      const { stdout, stderr } = spawnSync(shell, ['-c', script], {
        cwd: folder,
        env: { PATH: process.env.PATH, _R1: value },
        // Bash reads ~/.bashrc when its standard input is a socket, which Node's pipes are.
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const printed = stdout.toString('utf8').split('\0');
      const expected = places.flatMap(({ prints }) => (prints ?? String)(value).split('\0'));
      assert.deepEqual(printed.slice(0, -1), expected, stderr.toString());
      assert.deepEqual(readdirSync(folder), [], `a file was made by ${JSON.stringify(value)}`);
    };
    for (const value of HOSTILE) check(value);
    fc.assert(fc.property(fc.oneof(shellText, anyText), check), { numRuns: isThorough ? 60 : 20 });
  });
}

test('the text of a script is the same whatever the value, and the value is rendered by its binding alone', () => {
  const { value } = compileScript('echo {{ v.x }} "{{ lower v.x }}"', { dialect: 'sh', isPlainNumber: () => false });
  assert.ok(value && typeof value !== 'string');
  assert.equal(value.text, 'echo "${_R1}" "${_R2}"');
  const context = { values: { v: { x: '$(A)' } }, isConfidential: () => true };
  const rendered = value.bindings.map((binding) => [binding.variable, binding.value.render(context)]);
  assert.deepEqual(rendered, [
    ['_R1', { text: '$(A)', confidential: true }],
    ['_R2', { text: '$(a)', confidential: true }],
  ]);
});

function bound(place: SafePlace, shell: 'bash' | 'dash'): string {
  const source = place.script.replaceAll('V}', '{{ v.x ~}} }').replaceAll('V', '{{ v.x }}');
  const dialect = shell === 'bash' ? 'bash' : 'sh';
  const { value, problems } = compileScript(source, { dialect, isPlainNumber: () => false });
  assert.deepEqual(problems, [], place.name);
  assert.ok(value !== null && typeof value !== 'string', place.name);
  for (const { variable } of value.bindings) assert.equal(variable, '_R1', place.name);
  return value.text;
}
