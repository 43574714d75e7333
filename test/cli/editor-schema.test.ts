import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import workflowSchema from '../../schemas/workflow.schema.json' with { type: 'json' };
import { editorSchema } from '../../src/cli/editor-schema.ts';
import type { PluginDescription } from '../../src/plugins/description.ts';

const SCHEMA = {
  type: 'object',
  required: ['seconds'],
  additionalProperties: false,
  properties: {
    seconds: { $ref: '#/definitions/count' },
    rooms: {
      type: 'array',
      items: { type: 'object', properties: { size: { type: 'integer', description: 'In m².' } } },
    },
  },
  definitions: { count: { type: 'integer', minimum: 1 } },
};

const PLUGIN: PluginDescription = {
  name: 'x',
  drivers: ['wait', 'rest'].map((type) => ({ type, schema: SCHEMA, templates: {}, confidential: false, version: '1' })),
  triggers: [{ type: 'drop', schema: SCHEMA }],
  notifiers: [{ type: 'chat', schema: SCHEMA }],
  helpers: [],
  secrets: false,
};

const TASK = { name: 'a', type: 'wait', spec: { seconds: 1 } };

/** Whether a workflow with these parts fits the schema an editor gets. */
function fits(parts: object, plugins: readonly PluginDescription[] = [PLUGIN]): boolean {
  const ajv = new Ajv({ strict: false });
  return ajv.compile(editorSchema(workflowSchema, plugins))({ taskGroup: [TASK], ...parts });
}

for (const [what, parts, expected] of [
  ['a task of a plugin', {}, true],
  ['a mistake in its spec', { taskGroup: [{ ...TASK, spec: { seconds: 0 } }] }, false],
  ['an unknown key in its spec', { taskGroup: [{ ...TASK, spec: { seconds: 1, minutes: 1 } }] }, false],
  ['a template in place of a number', { taskGroup: [{ ...TASK, spec: { seconds: '{{ inputs.n }}' } }] }, true],
  [
    'a template deep within',
    { taskGroup: [{ ...TASK, spec: { seconds: 1, rooms: [{ size: '{{ inputs.n }}' }] } }] },
    true,
  ],
  ['another text in place of a number', { taskGroup: [{ ...TASK, spec: { seconds: 'many' } }] }, false],
  ['a type nobody knows', { taskGroup: [{ ...TASK, type: 'other', spec: { any: 1 } }] }, true],
  ['a trigger of a plugin', { on: { drop: [{ seconds: 1 }] } }, true],
  ['a mistake in its entry', { on: { drop: [{ second: 1 }] } }, false],
  ['a trigger nobody knows', { on: { drip: [{ seconds: 1 }] } }, false],
  ['a notifier of a plugin', { notify: [{ type: 'chat', spec: { seconds: 1 } }] }, true],
  ['a mistake in its spec too', { notify: [{ type: 'chat', spec: {} }] }, false],
] as const) {
  test(`the schema for editors ${expected ? 'takes' : 'refuses'} ${what}`, () => assert.equal(fits(parts), expected));
}

test('without plugins it is the published schema', () => {
  assert.deepEqual(editorSchema(workflowSchema, []), workflowSchema);
  assert.equal(fits({ on: { drop: [{ seconds: 1 }] } }, []), false);
});
