import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json.ts';
import { GITHUB_EVENTS } from '../../../src/util/github-events.ts';
import { textAt } from '../../../src/util/json-path.ts';
import { pushOf, siteWorkflow } from '../../support/github-bodies.ts';
import { githubExamples } from '../../support/github-examples.ts';
import { Siege, taken } from '../../support/siege.ts';

const LIMIT = { timeout: 180_000 };

function repositoryOf(payload: JsonObject): string {
  return textAt(payload, 'repository', 'full_name');
}

/** A workflow that listens to all events of some repositories, with every filter that an event may have. */
function listener(repositories: readonly string[]): string {
  const events = [...GITHUB_EVENTS.keys()].map((event) => `      ${event}: ${everyFilter(event)}`);
  return `
on:
  github:
    - repositories: ${JSON.stringify(repositories)}
${events.join('\n')}
taskGroup:
  - name: look
    run: |
      echo "{{ trigger.event }}|{{ trigger.branch }}|{{ trigger.sha }}|{{ trigger.sender }}"
      cp "$RUNNER_EVENT_PATH" payload.json
`;
}

function everyFilter(event: string): string {
  const filters = GITHUB_EVENTS.get(event)?.filters ?? [];
  const patterns = filters
    .filter((name) => !name.endsWith('_ignore') && name !== 'types')
    .map((name) => `${name}: ["**"]`);
  return `{ ${patterns.join(', ')} }`;
}

test('every payload GitHub has ever shown is answered, and those that fit run with their facts', LIMIT, async (t) => {
  // Many are the same for several versions of GitHub's server: the same body again would be a replay.
  const examples = new Map(githubExamples().map(({ event, payload }) => [JSON.stringify(payload), { event, payload }]));
  const repositories = new Set([...examples.values()].map(({ payload }) => repositoryOf(payload)).filter(Boolean));
  const siege = await Siege.begin(t, { all: listener([...repositories]) });
  const runs = new Map<string, JsonObject>();
  const send = async ([body, { event, payload }]: [string, { event: string; payload: JsonObject }]): Promise<void> => {
    const answer = await siege.deliver({ event, body });
    const isPing = event === 'ping';
    assert.equal(answer.status, isPing ? 200 : 202, `${event}: ${JSON.stringify(answer.body)}`);
    if (isPing) return;
    const isWanted = GITHUB_EVENTS.has(event) && repositoryOf(payload) !== '';
    const { decisions, runs: made } = answer.body;
    const wanted = [`all: ${made.length === 1 ? 'fits' : 'filtered: the event names no branch or tag'}`];
    assert.deepEqual(decisions, isWanted ? wanted : [], event);
    for (const run of made) runs.set(run, payload);
  };
  await Promise.all([...examples].map(send));
  assert.ok(runs.size > 80, `only ${runs.size} runs`);
  for (const [run, payload] of runs) {
    const { status, workflow, trigger } = await siege.daemon.wait(run);
    assert.equal(status, 'success', run);
    const log = await siege.logOf(run, 'look');
    const [event = '', ref = '', sha = '', sender = ''] = log.trimEnd().split('|');
    assert.equal(event, trigger.event, workflow);
    assert.equal(sender, textAt(payload, 'sender', 'login'));
    if (event === 'push') assert.equal(ref || payload.ref, textAt(payload, 'ref').replace('refs/heads/', ''));
    assert.match(sha, /^([0-9a-f]{40})?$/);
    const kept = join(siege.sandbox.stateDir, 'runs', run, 'workspace', 'payload.json');
    assert.deepEqual(JSON.parse(readFileSync(kept, 'utf8')), payload);
  }
  await siege.survived();
});

test('a delivery is taken once, through kill -9 and whatever comes again', LIMIT, async (t) => {
  const siege = await Siege.begin(t, { once: siteWorkflow('echo x >> ../../../../ledger') });
  const id = randomUUID();
  const body = pushOf();
  const first = Array.from({ length: 100 }, () => siege.deliver({ event: 'push', body, id }));
  const accepted = await Promise.any(first.map(async (sent) => taken(await sent)));
  await siege.daemon.kill();
  const before = (await Promise.allSettled(first)).flatMap((sent) => (sent.status === 'fulfilled' ? [sent.value] : []));
  await siege.restart();
  const after = await Promise.all(Array.from({ length: 100 }, () => siege.deliver({ event: 'push', body, id })));
  for (const answer of [...before, ...after]) assert.deepEqual(taken(answer), accepted);
  assert.equal(accepted.length, 1);
  await siege.quiet();
  const { runs } = (await siege.daemon.ask('GET', '/api/v1/runs?workflow=once')).body;
  assert.deepEqual(
    runs.map((run: { id: string }) => run.id),
    accepted,
  );
  // Of a task that dies with the daemon in the moment of its start nobody knows whether it began; it is not started again.
  const { reason } = (await siege.daemon.wait(accepted[0] ?? '')).results.look;
  const lines = siege.sandbox.ledgerLines().length;
  assert.ok(lines === 1 || (lines === 0 && reason === 'lost'), `${lines} ${reason}`);

  const replayed = await siege.deliver({ event: 'push', body });
  assert.deepEqual([replayed.status, replayed.body.code], [409, 'replay']);
  const other = await siege.deliver({ event: 'push', body: pushOf(), id });
  assert.deepEqual([other.status, other.body.code], [409, 'conflict']);
  // An answer may overtake the line that tells of it.
  await siege.daemon.said('a delivery was refused', ({ code }) => code === 'conflict');
  const refused = siege.daemon.lines.filter(({ msg }) => msg === 'a delivery was refused');
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['replay', 'conflict'],
  );
  await siege.survived();
});
