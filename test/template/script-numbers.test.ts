import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { Json } from '../../src/model/json.ts';
import { TemplateError } from '../../src/model/template.ts';
import { compileScript } from '../../src/template/compile.ts';

const isPlainNumber = (path: readonly string[]) => path.join('.') === 'inputs.n';

function compiled(source: string) {
  const { value, problems } = compileScript(source, { dialect: 'bash', isPlainNumber });
  assert.deepEqual(problems, [], source);
  assert.ok(value && typeof value !== 'string', source);
  return value;
}

function contextWith(n: Json) {
  return { values: { inputs: { n } }, isConfidential: () => false };
}

test('an input of type number can stand in arithmetic and keeps its sign', () => {
  const places: readonly (readonly [string, string])[] = [
    ['echo $((5 - {{ inputs.n }}))', '8'],
    ['echo $((5-{{ inputs.n }}*2))', '11'],
    ['echo $[{{ inputs.n }} + 1]', '-2'],
    ['((x = {{ inputs.n }} - 1)); echo $x', '-4'],
    ['let x={{ inputs.n }}+1; echo $x', '-2'],
    ['for ((i = {{ inputs.n }}; i < -2; i++)); do echo $i; done', '-3'],
    ['[[ {{ inputs.n }} -lt 0 ]] && echo less', 'less'],
    ['s=abcdef; echo ${s: -4:3}${s:{{ inputs.n ~}} }', 'cdedef'],
    ['a=(x y z); echo ${a[{{ inputs.n }}]}', 'x'],
    ['declare -i x={{ inputs.n }}; echo $x', '-3'],
    ['n={{ inputs.n }}; echo $((n + 1))', '-2'],
  ];
  for (const [source, printed] of places) {
    const { text, bindings } = compiled(source);
    const env = Object.fromEntries(
      bindings.map(({ variable, value }) => [variable, value.render(contextWith(-3)).text]),
    );
    const { stdout, stderr } = spawnSync('bash', ['-c', text], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    assert.equal(stdout.toString().trim(), printed, `${source}: ${text}: ${stderr}`);
  }
});

test('what claims to be a number and is none never reaches the shell', () => {
  const [binding] = compiled('echo $(({{ inputs.n }}))').bindings;
  for (const value of [1, -2.5, 1e21, true, '7'])
    assert.equal(binding?.value.render(contextWith(value)).text, String(value));
  for (const value of ['x[$(touch pwn)]', '', '1; x', 'n']) {
    assert.throws(() => binding?.value.render(contextWith(value)), TemplateError, JSON.stringify(value));
  }
});

test('a number glued to something, or computed, is no plain number', () => {
  for (const source of ['echo $((1{{ inputs.n }}))', 'echo $(({{ lower inputs.n }}))', 'echo ${m[a{{ inputs.n }}]}']) {
    const { problems } = compileScript(source, { dialect: 'bash', isPlainNumber });
    assert.equal(problems[0]?.code, 'unsafe-template', source);
  }
});

test('a NUL character cannot be given to a script', () => {
  const [binding] = compiled('echo {{ v.x }}').bindings;
  const context = { values: { v: { x: 'a\0b' } }, isConfidential: () => false };
  assert.throws(() => binding?.value.render(context), /NUL/);
});

test('equal values share a variable, and names the script uses itself are left out', () => {
  const { text, bindings } = compiled('_R1=x; echo {{ a.b }} {{.a.b}} {{ a.c }} "{{ default a.b "q" }}" # {{ a.d }}');
  assert.equal(text, '_R1=x; echo "${_R2}" "${_R2}" "${_R3}" "${_R4}" # ...');
  assert.deepEqual(
    bindings.map(({ variable }) => variable),
    ['_R2', '_R3', '_R4'],
  );
});

test('the references of a script stand where they were written, those in comments too', () => {
  const source = 'echo {{ .a.b }}\n# {{ default a.c a.d }}\necho x{{~ task.outputs.name ~}}\n';
  const read = compiled(source).references.map(({ path, offset, length }) => [
    path.join('.'),
    source.slice(offset, offset + length),
  ]);
  assert.deepEqual(read, [
    ['a.b', 'a.b'],
    ['a.c', 'a.c'],
    ['a.d', 'a.d'],
    ['task.name', 'task.outputs.name'],
  ]);
});
