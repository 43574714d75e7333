import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expressionDriver } from '../../src/drivers/expression/driver.ts';
import type { RunPorts } from '../../src/engine/ports.ts';
import type { RunResult } from '../../src/model/run.ts';
import { SecretSet } from '../../src/util/mask/secret-set.ts';
import { cacheRig } from '../support/cache-rig.ts';
import { findings, loadPlan } from '../support/load-text.ts';
import { RunRig } from '../support/run-rig.ts';
import { ScriptedDriver } from '../support/scripted-driver.ts';
import { writeOutputs } from '../support/write-outputs.ts';

/** Evaluates `text` in a group whose task `from` exports what is given as `value` and `other`. */
async function evaluate(
  text: string,
  values: Readonly<Record<string, string>> = {},
  ports: Partial<RunPorts> = {},
  more = '',
): Promise<RunResult> {
  const workflow = await loadPlan(`
secrets: [TOKEN]
inputs: { who: { default: Ada } }
taskGroup:
  - name: from
    run: writes
    exports: [{ name: value, optional: true }, { name: other, optional: true, confidential: ${'TOKEN' in values} }]
  - name: it
    type: expression_evaluation
    spec: { string_to_evaluate: ${JSON.stringify(text)} }
    imports: [{ from: from, variable: value }, { from: from, variable: other }]
    exports: [{ name: result, scope: global }]
${more}`);
  const writer = new ScriptedDriver(({ job, exit }) => {
    writeOutputs(job, values);
    exit(0);
  });
  const drivers = new Map([
    ['os_exec', writer],
    [expressionDriver.type, expressionDriver],
  ]);
  return new RunRig(workflow, { header: { inputs: { who: 'Ada' } }, ports: { drivers, ...ports } }).end;
}

async function resultOf(text: string, values: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { results } = await evaluate(text, values);
  return results.it?.status === 'success' ? results.it.outputs.result : results.it?.message;
}

test('a text that was imported is rendered as a template over the imports', async () => {
  assert.equal(await resultOf('{{ from.value }}', { value: 'Dear {{ .from.other }}', other: 'Ada' }), 'Dear Ada');
});

test('helpers work in the second render as in the first', async () => {
  assert.equal(await resultOf('{{ upper inputs.who }} \\{{ upper from.value }}', { value: 'x' }), 'ADA X');
});

test('it is rendered twice and no more', async () => {
  assert.equal(
    await resultOf('{{ from.value }}', { value: '{{ from.other }}', other: '{{ from.value }}' }),
    '{{ from.value }}',
  );
});

test('text without templates comes out as it is, line breaks and quotes included', async () => {
  const text = 'a & "b"\n\n$(c) `d`\n';
  assert.equal(await resultOf(text), text);
});

test('the second render reads nothing but imports', async () => {
  for (const path of ['secrets.TOKEN', 'env.PATH', 'inputs.who', 'run.id', 'it.result']) {
    const message = await resultOf('{{ from.value }}', { value: `{{ ${path} }}`, other: '' });
    assert.match(
      String(message),
      new RegExp(`in the second render: "${path.split('.')[0]}" does not exist; there is from$`),
    );
  }
});

test('a text that is no template ends the task with bad_template, and says where it went wrong', async () => {
  const { results, status } = await evaluate('{{ from.value }}', { value: 'x {{ y', other: '' });
  assert.equal(status, 'failed');
  assert.deepEqual([results.it?.reason, results.it?.exit_code], ['bad_template', null]);
  assert.match(results.it?.message ?? '', /^in the second render: /);
});

test('what was made of a confidential value is confidential, whichever render read it', async () => {
  for (const text of ['{{ from.other }}!', '{{ from.value }}!']) {
    const masks = new SecretSet();
    const { results } = await evaluate(text, { value: '{{ from.other }}', other: 'hunter22', TOKEN: '' }, { masks });
    assert.deepEqual({ ...results.it?.outputs }, { result: '***' });
    assert.ok(masks.containsSecret('hunter22!'));
  }
});

test('a message never quotes a confidential text', async () => {
  const { results } = await evaluate('{{ from.other }}', { value: '', other: 'hun{{ ter22', TOKEN: '' });
  assert.equal(results.it?.reason, 'bad_template');
  assert.doesNotMatch(results.it?.message ?? '', /hun|ter22/);
});

test('a result is cached for as long as its imports are the same', async (t) => {
  const { ports, workspace } = cacheRig(t);
  mkdirSync(join(workspace, 'outputs'));
  const run = async (other: string) => {
    const rest = { cache: () => Promise.resolve(ports), paths: { workspace, runDir: workspace, eventPath: '' } };
    const { results } = await evaluate(
      '{{ from.value }}',
      { value: '{{ from.other }}', other },
      rest,
      '    cache: {}\n',
    );
    return [results.it?.cached, results.it?.outputs.result];
  };
  assert.deepEqual(await run('one'), [false, 'one']);
  assert.deepEqual(await run('one'), [true, 'one']);
  assert.deepEqual(await run('two'), [false, 'two']);
});

test('a task of an earlier program is evaluated again', async () => {
  const job = { spec: { string_to_evaluate: 'x' } } as never;
  assert.deepEqual(await expressionDriver.recover?.(job, null, {} as never), {
    kind: 'done',
    outputs: { result: { value: 'x', confidential: false } },
  });
});

test('references that can be seen at load are checked at load', async () => {
  const file = (text: string) => `
taskGroup:
  - { name: it, type: expression_evaluation, spec: { string_to_evaluate: "${text}" }, exports: [{ name: result }] }
`;
  assert.deepEqual(await findings(file('{{ nothing.x }}')), ['3:78 unknown-reference']);
  assert.deepEqual(await findings(file('{{ a')), ['3:75 bad-template']);
  assert.deepEqual(await findings(file('\\\\{{ nothing.x }}')), []);
});
