import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ControlError } from '../../src/model/control.ts';
import { type Ask, type Reply, type ServerRig, serverRig } from '../support/server-rig.ts';

interface Operation {
  readonly summary: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

async function documentOf(rig: ServerRig): Promise<Document> {
  return (await rig.ask('/api/v1/openapi.json')).json as Document;
}

/** A path of the document with names in place of its parameters. */
function filled(path: string): string {
  return path.replaceAll(/\{\w+\}/g, 'name');
}

function askFor(path: string, method: string): Ask {
  const body = path.endsWith('backup') ? '{"folder":"/b"}' : path.includes('secrets') ? '{"value":"v"}' : '{}';
  const withBody = ['post', 'put'].includes(method);
  return { method: method.toUpperCase(), ...(withBody && { body, headers: { 'content-type': 'application/json' } }) };
}

/** Every operation that answers and ends, with the answer it gives here. */
async function* answers(t: TestContext, prepare: (rig: ServerRig) => void) {
  const rig = await serverRig(t);
  prepare(rig);
  const document = await documentOf(rig);
  for (const [path, operations] of Object.entries(document.paths)) {
    if (path.endsWith('/events') || path.startsWith('/webhooks')) continue;
    for (const [method, operation] of Object.entries(operations)) {
      const reply = await rig.ask(filled(path), askFor(path, method));
      yield { document, name: `${method} ${path}`, operation, reply };
    }
  }
}

test('every answer fits the document, with all its keys and no others', async (t) => {
  const known = new Set<string>();
  for await (const { document, name, operation, reply } of answers(t, () => {})) {
    assert.ok(reply.status < 300, `${name}: ${reply.text}`);
    assertFits(document, operation, reply, name);
    for (const [, ref = ''] of JSON.stringify(operation).matchAll(/#\/components\/schemas\/(\w+)/g)) known.add(ref);
  }
  assert.ok(known.size > 12);
});

test('every error fits the document', async (t) => {
  const fail = (rig: ServerRig): void => {
    rig.control.failure = new ControlError('draining', 'the daemon is draining');
  };
  let errors = 0;
  for await (const { document, name, operation, reply } of answers(t, fail)) {
    if (reply.status < 300) continue;
    errors++;
    assertFits(document, operation, reply, name);
  }
  assert.ok(errors > 20);
});

test('an answer of the webhook fits the document', async (t) => {
  const rig = await serverRig(t);
  const document = await documentOf(rig);
  const operation = document.paths['/webhooks/github']?.post;
  assert.ok(operation);
  const push = '{"ref":"refs/heads/main","before":"0","after":"1","commits":[]}';
  for (const reply of [
    await rig.deliver(push),
    await rig.deliver(push),
    await rig.deliver('{"zen":"z","hook_id":1}', {}, 'ping'),
  ]) {
    assertFits(document, operation, reply, 'webhook');
  }
});

test('the document says what each operation is for and which need no token', async (t) => {
  const document = await documentOf(await serverRig(t));
  assert.equal(document.openapi, '3.1.0');
  const open: string[] = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const { summary, security } of Object.values(operations)) {
      assert.ok(summary.length > 5, path);
      if (security?.length === 0) open.push(path);
    }
  }
  assert.deepEqual(open.sort(), ['/healthz', '/readyz', '/webhooks/github']);
});

test('the document refers to nothing that it does not hold', async (t) => {
  const document = await documentOf(await serverRig(t));
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref = '']) => ref);
  assert.ok(refs.length > 30);
  for (const ref of refs) {
    const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(ref) ?? [];
    assert.ok(name in document.components.schemas, ref);
  }
});

function assertFits(document: Document, operation: Operation, reply: Reply, name: string): void {
  const response = operation.responses[reply.status] ?? operation.responses.default;
  assert.ok(response, `${name} may answer ${reply.status}`);
  const [content] = Object.values(response.content ?? {});
  if (content === undefined) {
    assert.equal(reply.text, '', name);
    return;
  }
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validate = ajv.compile({ ...closed(content.schema), components: closed(document.components) });
  const isText = !String(reply.headers['content-type']).startsWith('application/json');
  assert.ok(validate(isText ? reply.text : reply.json), `${name}: ${ajv.errorsText(validate.errors)}`);
}

/** A schema that lets no key through that it does not name. */
function closed(schema: object): object {
  const entries = Object.entries(schema).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.map(closedPart) : closedPart(value),
  ]);
  const copy = Object.fromEntries(entries);
  return copy.type === 'object' && 'properties' in copy && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy;
}

function closedPart(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? closed(value) : value;
}
