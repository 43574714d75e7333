import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileScript } from '../../src/template/compile.ts';
import { UNSAFE_PLACES } from './unsafe-places.ts';

const options = { dialect: 'bash', isPlainNumber: () => false } as const;

for (const [kind, scripts] of Object.entries(UNSAFE_PLACES)) {
  test(`a value is refused, with what to write instead: ${kind}`, () => {
    for (const script of scripts) {
      const source = script.replaceAll('V}', '{{ v.x ~}} }').replaceAll('V', '{{ v.x }}');
      const { value, problems } = compileScript(source, options);
      assert.equal(value, null, source);
      assert.ok(problems.length > 0, source);
      for (const { code, hint, offset, message } of problems) {
        assert.equal(code, 'unsafe-template', `${source}: ${message}`);
        assert.ok(hint, source);
        assert.equal(source.slice(offset, offset + 2), '{{', source);
      }
    }
  });
}

test('every reference that cannot stay is told, not only the first', () => {
  const { problems } = compileScript('eval {{ a.b }}\necho {{ a.c }}\nread {{ a.d }}', options);
  assert.deepEqual(
    problems.map(({ offset }) => offset),
    [5, 35],
  );
});

test("$'…' is refused where sh may not know it", () => {
  assert.equal(compileScript("echo $'{{ a.b }}'", { ...options, dialect: 'sh' }).problems[0]?.code, 'unsafe-template');
  assert.deepEqual(compileScript("echo $'{{ a.b }}'", options).problems, []);
});

test('a backslash or a dollar sign before a reference is refused, except in single quotes', () => {
  for (const before of ['\\\\', '"\\\\', '$ ', '"$ ']) {
    const quote = before.startsWith('"') ? '"' : '';
    const source = `echo ${before}{{~ a.b }}${quote}`;
    assert.equal(compileScript(source, options).problems[0]?.code, 'unsafe-template', source);
  }
  const { value } = compileScript("echo '\\\\{{ a.b }}'", options);
  assert.equal(typeof value === 'object' && value?.text, `echo '\\'"\${_R1}"''`);
});

test('three braces and blocks are refused in a script', () => {
  for (const source of [
    'echo {{{ a.b }}}',
    'echo {{& a.b }}',
    '{{#if a.b}}echo{{/if}}',
    '{{#each a}}{{this}}{{/each}}',
  ]) {
    assert.deepEqual(
      compileScript(source, options).problems.map(({ code }) => code),
      ['unsafe-template'],
      source,
    );
  }
});

test('a script the shell parser does not understand is refused when a reference stands in it', () => {
  for (const source of ['echo "{{ a.b }}', 'if true; echo {{ a.b }}', 'echo $(echo {{ a.b }}', 'echo {{ a.b }} )']) {
    const [problem] = compileScript(source, options).problems;
    assert.equal(problem?.code, 'bad-template', source);
    assert.match(problem?.message ?? '', /cannot be read/);
  }
  assert.equal(compileScript('if true; echo', options).value, 'if true; echo');
});

test('what follows in a harmless position is not refused', () => {
  const harmless = [
    "awk -v x={{ a.b }} '{ print x }' f",
    'sh -c \'echo "$1"\' sh {{ a.b }}',
    'bash x.sh {{ a.b }}',
    'curl -fsS https://x | sh -s -- {{ a.b }}',
    'python3 tool.py {{ a.b }}',
    "python3 -c 'import sys' {{ a.b }}",
    "node -e '1' -- {{ a.b }}",
    'sed -e s/a/b/ -- {{ a.b }}',
    "jq --arg v {{ a.b }} '.x = $v' f",
    'npm run build -- --tag {{ a.b }}',
    'git commit -m "release {{ a.b }}"',
    'docker run -e A={{ a.b }} image ls {{ a.b }}',
    'sudo -u {{ a.b }} ls {{ a.b }}',
    'timeout {{ a.b }} ls',
    'find . -name {{ a.b }} -print',
    'xargs -n 1 echo {{ a.b }}',
    'echo {{ a.b }} | grep x | wc -l',
    'while read -r line; do echo "$line"; done <<< {{ a.b }}',
    'read -rp {{ a.b }} x',
    'mapfile -t lines <<< {{ a.b }}',
    'echo {{ a.b }} | xargs rm --',
    'PATH={{ a.b }}:$PATH make',
    'printf "${GREEN}%s\\n" {{ a.b }}',
    'cat > {{ a.b }} < {{ a.c }} 2>> {{ a.d }}',
    'n={{ a.b }}; m=1; echo $((m + 1)) "$n"',
  ];
  for (const source of harmless) assert.deepEqual(compileScript(source, options).problems, [], source);
});
