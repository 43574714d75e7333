import assert from 'node:assert/strict';
import type { Json, JsonObject } from '../../src/model/json.ts';
import type { TemplateContext } from '../../src/model/template.ts';
import { compileExpression, compileText } from '../../src/template/compile.ts';

/** What the examples of the template tests read. */
export const VALUES: JsonObject = {
  inputs: { channel: 'beta', count: 3, dry: false, list: ['a', 'b'], object: { k: 1 }, nothing: null, empty: '' },
  version: { version: '1.2.3', ok: 'true', no: 'false' },
  secrets: { TOKEN: 'hunter2' },
  trigger: {
    branch: 'main',
    payload: { commits: [{ id: 'c1' }, { id: 'c2', author: 'eve' }], title: '{{ secrets.TOKEN }}' },
  },
};

/** A context in which only secrets are confidential. */
export function contextOf(values: JsonObject = VALUES): TemplateContext {
  return { values, isConfidential: ([root, name]) => root === 'secrets' && name !== undefined };
}

/** Compiles and renders a text that is fine. */
export function render(source: string, values: JsonObject = VALUES): string {
  return renderWhole(source, values).text;
}

/** The same with what is known about confidentiality. */
export function renderWhole(
  source: string,
  values: JsonObject = VALUES,
): { readonly text: string; readonly confidential: boolean } {
  const { value, problems } = compileText(source);
  assert.deepEqual(problems, [], source);
  assert.ok(value !== null);
  return typeof value === 'string' ? { text: value, confidential: false } : value.render(contextOf(values));
}

/** Compiles and evaluates a condition that is fine. */
export function evaluate(source: string, values: JsonObject = VALUES): Json {
  const { value, problems } = compileExpression(source);
  assert.deepEqual(problems, [], source);
  assert.ok(value !== null);
  return value.evaluate(contextOf(values)).value;
}
