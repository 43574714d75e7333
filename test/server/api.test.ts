import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlError } from '../../src/model/control.ts';
import { serverRig } from '../support/server-rig.ts';

const RUN = '019a0000';

/** Requests that must arrive at the daemon as these calls. */
const CALLS: readonly (readonly [method: string, path: string, body: unknown, status: number, call: unknown[]])[] = [
  ['GET', '/api/v1/workflows', undefined, 200, ['workflows']],
  ['GET', '/api/v1/workflows/ops%2Fbackup', undefined, 200, ['workflow', 'ops/backup']],
  ['GET', '/api/v1/workflows/100%25%2F%252e', undefined, 200, ['workflow', '100%/%2e']],
  [
    'POST',
    '/api/v1/workflows/a/runs',
    { inputs: { n: 1 }, only: ['x'] },
    201,
    ['fire', 'a', { inputs: { n: 1 }, only: ['x'] }],
  ],
  ['POST', '/api/v1/workflows/a/runs', undefined, 201, ['fire', 'a', {}]],
  ['POST', '/api/v1/workflows/a%2Fb/pause', undefined, 204, ['setPaused', 'a/b', true]],
  ['POST', '/api/v1/workflows/a/resume', {}, 204, ['setPaused', 'a', false]],
  ['POST', '/api/v1/pause', undefined, 204, ['setPaused', null, true]],
  ['POST', '/api/v1/resume', undefined, 204, ['setPaused', null, false]],
  ['GET', '/api/v1/workflows/a/next?count=3', undefined, 200, ['next', 'a', 3]],
  ['GET', '/api/v1/next', undefined, 200, ['next', null, 10]],
  ['POST', '/api/v1/drain', undefined, 204, ['drain']],
  ['GET', '/api/v1/runs', undefined, 200, ['runs', { limit: 50 }]],
  [
    'GET',
    '/api/v1/runs?workflow=a%2Fb&status=failed&since=2026-01-01T00:00:00Z&before=x&limit=2',
    undefined,
    200,
    ['runs', { workflow: 'a/b', status: 'failed', since: Date.UTC(2026, 0, 1), before: 'x', limit: 2 }],
  ],
  ['GET', `/api/v1/runs/${RUN}`, undefined, 200, ['run', RUN, 0]],
  ['GET', `/api/v1/runs/${RUN}?wait=2.5`, undefined, 200, ['run', RUN, 2500]],
  ['GET', `/api/v1/runs/${RUN}?wait=9999`, undefined, 200, ['run', RUN, 60_000]],
  ['GET', `/api/v1/runs/${RUN}/definition`, undefined, 200, ['definition', RUN]],
  ['POST', `/api/v1/runs/${RUN}/cancel`, undefined, 204, ['cancel', RUN, null]],
  ['POST', `/api/v1/runs/${RUN}/rerun`, { failed: true }, 201, ['rerun', RUN, { failed: true }]],
  ['POST', `/api/v1/runs/${RUN}/tasks/copy/cancel`, undefined, 204, ['cancel', RUN, 'copy']],
  ['GET', `/api/v1/runs/${RUN}/tasks/copy`, undefined, 200, ['task', RUN, 'copy']],
  ['GET', `/api/v1/runs/${RUN}/tasks/copy/log`, undefined, 200, ['log', RUN, 'copy', null, 0, 0]],
  ['GET', `/api/v1/runs/${RUN}/tasks/c/log?offset=-1&attempt=2&wait=1`, undefined, 200, ['log', RUN, 'c', 2, -1, 1000]],
  [
    'GET',
    '/api/v1/firings?workflow=a&until=1000&limit=1',
    undefined,
    200,
    ['firings', { workflow: 'a', until: 1000, limit: 1 }],
  ],
  ['GET', '/api/v1/audit', undefined, 200, ['audits', { limit: 50 }]],
  [
    'GET',
    '/api/v1/audit?since=1000&before=7&limit=2',
    undefined,
    200,
    ['audits', { before: 7, limit: 2, since: 1000 }],
  ],
  ['GET', '/api/v1/secrets', undefined, 200, ['secrets']],
  [
    'PUT',
    '/api/v1/secrets/TOKEN',
    { value: 'v', allow: ['a*'] },
    204,
    ['setSecret', 'TOKEN', { value: 'v', allow: ['a*'] }],
  ],
  ['DELETE', '/api/v1/secrets/TOKEN', undefined, 204, ['deleteSecret', 'TOKEN', null]],
  ['DELETE', '/api/v1/secrets/TOKEN?scope=workflow:a', undefined, 204, ['deleteSecret', 'TOKEN', 'workflow:a']],
  ['POST', '/api/v1/rekey', undefined, 200, ['rekey']],
  ['POST', '/api/v1/prune', { dry_run: true }, 200, ['prune', true]],
  ['POST', '/api/v1/prune', undefined, 200, ['prune', false]],
  ['POST', '/api/v1/backup', { folder: '/tmp/b' }, 204, ['backup', '/tmp/b']],
  ['GET', '/api/v1/doctor', undefined, 200, ['doctor']],
];

test('each request becomes one call of the daemon, over TCP and over the socket', async (t) => {
  const rig = await serverRig(t);
  for (const [method, path, body, status, call] of CALLS) {
    for (const local of [false, true]) {
      rig.control.calls.length = 0;
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const reply = await rig.ask(path, {
        method,
        local,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`);
      assert.deepEqual(JSON.parse(JSON.stringify(rig.control.calls)), JSON.parse(JSON.stringify([call])), path);
      if (status === 204) assert.equal(reply.text, '');
    }
  }
});

test('a run is asked for in the name of the way it came in', async (t) => {
  const rig = await serverRig(t);
  await rig.ask('/api/v1/workflows/a/runs', { method: 'POST' });
  await rig.ask('/api/v1/workflows/a/runs', { method: 'POST', local: true });
  assert.deepEqual(rig.control.callers, [
    { actor: 'api', address: '127.0.0.1' },
    { actor: 'cli', address: 'socket' },
  ]);
});

test('a new run has a place', async (t) => {
  const rig = await serverRig(t);
  const reply = await rig.ask('/api/v1/workflows/a/runs', { method: 'POST' });
  assert.equal(reply.headers.location, '/api/v1/runs/019a0000-0000-7000-8000-000000000001');
});

test('a log is sent byte by byte as text that no browser runs', async (t) => {
  const rig = await serverRig(t);
  const { bytes, headers } = await rig.ask(`/api/v1/runs/${RUN}/tasks/${encodeURIComponent('a"\r\nb')}/log`);
  assert.deepEqual(bytes, Buffer.from('<b>\x1b[1m\xff\n', 'latin1'));
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['content-disposition'], 'attachment; filename="a___b.log"');
  assert.deepEqual([headers['x-log-offset'], headers['x-log-size'], headers['x-log-complete']], ['5', '12', 'true']);
});

/** Requests that are the caller's mistake, and a part of the sentence that says so. */
const MISTAKES: readonly (readonly [method: string, path: string, body: string | undefined, said: RegExp])[] = [
  ['GET', '/api/v1/runs?limit=0', undefined, /"limit" in the query must be >= 1/],
  ['GET', '/api/v1/runs?limit=1001', undefined, /"limit" in the query must be <= 1000/],
  ['GET', '/api/v1/runs?limit=1e1e1', undefined, /"limit" in the query must be integer/],
  ['GET', '/api/v1/runs?status=dead', undefined, /"status" in the query must be equal/],
  ['GET', '/api/v1/runs?since=yesterday', undefined, /"since" in the query must be a time/],
  ['GET', '/api/v1/runs?colour=red', undefined, /not known: "colour"/],
  ['GET', '/api/v1/runs?limit=1&limit=2', undefined, /"limit" in the query/],
  ['GET', '/api/v1/runs/x/tasks/y/log?offset=-2', undefined, /"offset" in the query must be >= -1/],
  ['POST', '/api/v1/workflows/a/runs', '{"inputs":5}', /"inputs" in the body must be object/],
  ['POST', '/api/v1/workflows/a/runs', '{"input":{}}', /not known: "input"/],
  ['POST', '/api/v1/workflows/a/runs', '{"env":{"A":1}}', /"env.A" in the body must be string/],
  ['POST', '/api/v1/workflows/a/runs', '[]', /must be a JSON object/],
  ['POST', '/api/v1/workflows/a/runs', '{', /not valid JSON/],
  ['PUT', '/api/v1/secrets/A', undefined, /the body must be object/],
  ['PUT', '/api/v1/secrets/A', '{}', /must have required property 'value'/],
  ['PUT', '/api/v1/secrets/A', '{"value":null}', /"value" in the body must be string/],
  ['POST', '/api/v1/backup', undefined, /the body must be object/],
  ['POST', '/api/v1/prune', '{"dry_run":"yes"}', /"dry_run" in the body must be boolean/],
];

test('a mistake in a request is 400 with a sentence, and nothing is done', async (t) => {
  const rig = await serverRig(t);
  for (const [method, path, body, said] of MISTAKES) {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const { status, json } = await rig.ask(path, { method, headers, ...(body !== undefined && { body }) });
    const { code, message } = json as { code: string; message: string };
    assert.deepEqual([status, code], [400, 'bad-request'], path);
    assert.match(message, said);
  }
  assert.deepEqual(rig.control.calls, []);
});

test('a wish that the daemon does not grant is answered with its code, its status and its words', async (t) => {
  const rig = await serverRig(t);
  rig.control.failure = new ControlError('overlap', 'run 7 is not over');
  const overlap = await rig.ask('/api/v1/workflows/a/runs', { method: 'POST' });
  assert.equal(overlap.status, 409);
  const { request_id, ...rest } = overlap.json as Record<string, string>;
  assert.deepEqual(rest, { code: 'overlap', message: 'run 7 is not over' });
  assert.match(request_id ?? '', /^[0-9a-f]{10}-\d+$/);
  rig.control.failure = new ControlError('disk-full', 'the disk is full');
  const full = await rig.ask('/api/v1/workflows/a/runs', { method: 'POST' });
  assert.deepEqual([full.status, full.headers['retry-after']], [503, '5']);
});

test('trouble of our own tells the caller nothing but where the log has it', async (t) => {
  const rig = await serverRig(t);
  rig.control.failure = new Error('the secret is hunter2');
  const reply = await rig.ask('/api/v1/runs');
  assert.equal(reply.status, 500);
  assert.doesNotMatch(reply.text, /hunter2|stack|at /);
  const { request_id } = reply.json as { request_id: string };
  const known = rig.logged.map(({ level, fields }) => [level, 'request_id' in fields && fields.request_id]);
  assert.deepEqual(known, [['error', request_id]]);
});

test('a body must be JSON, plain and not too long', async (t) => {
  const rig = await serverRig(t);
  const path = '/api/v1/workflows/a/runs';
  const answers = async (headers: Record<string, string>, body: string) =>
    (await rig.ask(path, { method: 'POST', headers, body })).status;
  assert.equal(await answers({ 'content-type': 'text/plain' }, '{}'), 415);
  assert.equal(await answers({ 'content-type': 'application/x-www-form-urlencoded' }, 'a=b'), 415);
  assert.equal(await answers({ 'content-type': ';;' }, '{}'), 415);
  assert.equal(await answers({}, '{}'), 415);
  assert.equal(await answers({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, '{}'), 415);
  const fill = (size: number) => `{"payload":{"a":"${'x'.repeat(size - 20)}"}}`.padEnd(size, ' ');
  const json = { 'content-type': 'application/json; charset=utf-8' };
  assert.equal(await answers(json, fill(1024 * 1024)), 201);
  assert.equal(await answers(json, fill(1024 * 1024 + 1)), 413);
});

test('a key called __proto__ is data', async (t) => {
  const rig = await serverRig(t);
  const body = '{"payload":{"__proto__":{"admin":true}}}';
  const reply = await rig.ask('/api/v1/workflows/a/runs', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(reply.status, 201);
  assert.equal(JSON.stringify(rig.control.calls[0]?.[2]), body);
  assert.equal(({} as Record<string, unknown>).admin, undefined);
});

test('health and readiness are told to anybody', async (t) => {
  const rig = await serverRig(t);
  assert.deepEqual((await rig.ask('/healthz', { token: null })).json, { status: 'ok', problems: [] });
  assert.deepEqual((await rig.ask('/readyz', { token: null })).json, { ready: true, reason: '' });
  rig.control.healthNow = { ...rig.control.healthNow, status: 'degraded', problems: ['the disk is full'] };
  rig.control.notReady = 'recovery goes on';
  const [health, ready] = [await rig.ask('/healthz', { token: null }), await rig.ask('/readyz', { token: null })];
  assert.deepEqual([health.status, health.json], [503, { status: 'degraded', problems: ['the disk is full'] }]);
  assert.deepEqual([ready.status, ready.json], [503, { ready: false, reason: 'recovery goes on' }]);
});
