import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { compileArgv, compileForeignScript } from '../../src/template/compile.ts';

const options = { isPlainNumber: () => false };

function kinds(items: readonly string[]): readonly string[] | undefined {
  const { value } = compileArgv(items, options);
  return value?.map((item) => (typeof item === 'string' ? 'text' : item.kind));
}

test('values in an argument list are passed as they are', () => {
  assert.deepEqual(kinds(['npm', 'publish', '--tag', '{{ inputs.channel }}', 'x-{{ a.b }}']), [
    'text',
    'text',
    'text',
    'template',
    'template',
  ]);
  assert.deepEqual(compileArgv(['docker', 'ps', '--format', '\\{{.Names}}'], options).value?.at(-1), '{{.Names}}');
});

test('the text after -c of a shell is a script, what follows it is passed as it is', () => {
  for (const shell of [
    ['sh', '-c'],
    ['dash', '-c'],
    ['/bin/bash', '-ec'],
    ['bash', '-eo', 'pipefail', '-c'],
    ['bash', '--norc', '-c'],
  ]) {
    const items = [...shell, 'printf %s "$1" {{ a.b }} "{{ a.b }}"', 'name', '{{ a.b }}'];
    assert.deepEqual(kinds(items), [...shell.map(() => 'text'), 'script', 'text', 'template'], shell.join(' '));
  }
});

test('a script in an argument list gets its values from the environment', () => {
  const value = '$(touch pwn) "\'\\';
  const { value: items } = compileArgv(['bash', '-c', `printf '%s|' {{ v.x }} "$1"`, 'name', '{{ v.x }}'], options);
  const context = { values: { v: { x: value } }, isConfidential: () => false };
  const env: Record<string, string> = {};
  const argv = (items ?? []).map((item) => {
    if (typeof item === 'string') return item;
    if (item.kind === 'template') return item.render(context).text;
    for (const { variable, value: binding } of item.bindings) env[variable] = binding.render(context).text;
    return item.text;
  });
  assert.equal(
    spawnSync(argv[0] ?? '', argv.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] }).stdout.toString(),
    `${value}|${value}|`,
  );
});

test('the dialect is the one of the shell that is started', () => {
  assert.deepEqual(kinds(['bash', '-c', "echo $'{{ a.b }}'"]), ['text', 'text', 'script']);
  assert.equal(kinds(['sh', '-c', "echo $'{{ a.b }}'"]), undefined);
});

test('a value that another program would run is refused, with the item it stands in', () => {
  const refused: readonly (readonly [number, readonly string[]])[] = [
    [0, ['{{ a.b }}', 'x']],
    [2, ['python3', '-c', 'print({{ a.b }})']],
    [2, ['perl', '-e', '{{ a.b }}']],
    [2, ['node', '-e', '{{ a.b }}']],
    [2, ['ssh', 'host', '{{ a.b }}']],
    [2, ['su', '-c', '{{ a.b }}']],
    [1, ['awk', '{{ a.b }}']],
    [1, ['bash', '{{ a.b }}']],
    [2, ['zsh', '-c', '{{ a.b }}']],
    [3, ['env', 'sh', '-c', '{{ a.b }}']],
    [5, ['sudo', '-u', 'x', 'bash', '-c', '{{ a.b }}']],
    [4, ['timeout', '5', 'sh', '-c', '{{ a.b }}']],
    [3, ['nice', 'sh', '-c', '{{ a.b }}']],
    [3, ['xargs', 'sh', '-c', '{{ a.b }}']],
    [6, ['docker', 'run', '--rm', 'image', 'sh', '-c', '{{ a.b }}']],
    [4, ['find', '.', '-exec', 'sh', '{{ a.b }}']],
    [2, ['sh', '-c', 'eval {{ a.b }}']],
  ];
  for (const [item, items] of refused) {
    const { value, problems } = compileArgv(items, options);
    assert.equal(value, null, items.join(' '));
    assert.deepEqual([problems[0]?.code, problems[0]?.item], ['unsafe-template', item], items.join(' '));
    assert.ok(problems[0]?.hint, items.join(' '));
  }
});

test("the shell's own commands are nothing special in an argument list", () => {
  assert.deepEqual(kinds(['printf', '{{ a.b }}']), ['text', 'template']);
  assert.deepEqual(kinds(['test', '-v', '{{ a.b }}']), ['text', 'text', 'template']);
});

test('problems of all items are told at once', () => {
  const { problems } = compileArgv(['echo', '{{ a', '${{ b }}', '{{ c d }}'], options);
  assert.deepEqual(
    problems.map(({ code, item }) => [code, item]),
    [
      ['bad-template', 1],
      ['bad-template', 2],
      ['unknown-helper', 3],
    ],
  );
});

test('a script of an interpreter that is no shell may hold no template, and the hint shows env', () => {
  const { value, problems } = compileForeignScript('print("{{ build.version }}")', 'python');
  assert.equal(value, null);
  assert.equal(problems[0]?.code, 'unsafe-template');
  assert.match(problems[0]?.hint ?? '', /env: \{ VERSION: '\{\{ build.version \}\}' \}.*os\.environ\["VERSION"\]/);
  assert.equal(compileForeignScript('f"\\{{x}}"', 'python').value, 'f"{{x}}"');
  assert.equal(compileForeignScript('print({})', 'python').value, 'print({})');
  assert.equal(compileForeignScript('{{#if a}}x{{/if}}', 'node').problems[0]?.code, 'unsafe-template');
});
