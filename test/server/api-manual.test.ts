import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ERROR_STATUS } from '../../src/server/problem.ts';
import { serverRig } from '../support/server-rig.ts';

const manual = readFileSync('docs/api.md', 'utf8');

test('the manual lists every error with its status, and no other', () => {
  const rows = [...manual.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  assert.deepEqual(rows.sort(), Object.entries(ERROR_STATUS).sort());
});

test('the manual lists every endpoint with what it answers, and no other', async (t) => {
  const rig = await serverRig(t);
  const { paths } = (await rig.ask('/api/v1/openapi.json')).json as {
    paths: Record<string, Record<string, { responses: object }>>;
  };
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => [
      `${method.toUpperCase()} ${path}`,
      statusesOf(responses),
    ]),
  );
  const rows = [...manual.matchAll(/^\| `([A-Z]+ \/[^`]*)` \| ([\d, ]+) \|/gm)].map(([, request, statuses = '']) => [
    request,
    statuses.split(', ').sort().join(),
  ]);
  assert.deepEqual(rows.sort(), served.sort());
});

function statusesOf(responses: object): string {
  const statuses = Object.keys(responses).filter((status) => status !== 'default');
  return statuses.sort().join();
}
