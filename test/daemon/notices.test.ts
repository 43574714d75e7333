import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Definitions } from '../../src/daemon/definitions.ts';
import { Notices } from '../../src/daemon/notices.ts';
import { RunBook } from '../../src/daemon/run-book.ts';
import { RunSecrets } from '../../src/daemon/run-secrets.ts';
import { secretVaults } from '../../src/daemon/secret-keys.ts';
import { MANUAL_FIRING } from '../../src/model/manual-firing.ts';
import type { RunRecord } from '../../src/model/state-store.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { DatabaseSecrets } from '../../src/store/secrets.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import { VAULT_SECRET_BYTES, Vault } from '../../src/util/vault.ts';
import { loadWorkflow } from '../../src/workflow/load.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { idAt, runRecord } from '../support/state-records.ts';
import { TEST_TYPES } from '../support/task-types.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const TWO = `
notify: [{ type: chat, when: [success, failure], spec: { to: a } }, { type: chat, spec: { to: b } }]
taskGroup: [{ name: a, run: "true" }]
`;

/** A daemon's state, and somebody to tell; `refuses` says who does not listen. */
function rig(t: TestContext, text = TWO) {
  const clock = new FakeClock(1_000);
  const database = new MemoryDatabase();
  const state = createStateStore(database);
  const told: string[] = [];
  const seen: string[] = [];
  const chat = {
    type: 'chat',
    validate: () => [],
    refuses: new Set<string>(),
    async notify({ id, when, spec }: { id: string; when: string; spec: object }): Promise<void> {
      const { to } = spec as { to: string };
      seen.push(to);
      if (this.refuses.has(to)) throw new Error('not now');
      told.push(`${to} ${when} ${id.slice(-2)}`);
    },
  };
  const definitions = new Definitions(async (definition) => {
    const bytes = Buffer.from(definition.text);
    const world = { types: TEST_TYPES, notifiers: new Map([['chat', chat]]), dialect: 'bash' } as const;
    return (await loadWorkflow({ file: 'ci.yml', id: 'ci', bytes }, world)).workflow;
  });
  const vault = new Vault(new Uint8Array(VAULT_SECRET_BYTES));
  const store = new DatabaseSecrets(database, secretVaults(`${temporaryFolder(t)}/key`, vault));
  const outcomes: string[] = [];
  const open = () =>
    new Notices({
      state,
      book: new RunBook({ state, definitions, clock, runs: '/nowhere', hostEnv: new Map(), isDraining: () => false }),
      notifiers: [chat],
      secrets: new RunSecrets({ store, sources: [], vault }),
      clock,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      observe: (observation) => void (observation.kind === 'notice' && outcomes.push(observation.outcome)),
    });
  const end = async (at: number, status: 'success' | 'failed' | 'cancelled'): Promise<string> => {
    const record: RunRecord = { ...runRecord(at), status, startedAt: at, endedAt: at, untold: true };
    const run = { ...record.header, firing: MANUAL_FIRING };
    await state
      .batch()
      .keepDefinition({ hash: 'd1', workflow: 'ci', file: 'ci.yml', text })
      .createRun(record, [
        { type: 'run-created', at, run },
        { type: 'run-started', at },
        { type: 'task-ended', at, task: 'a', end: { status: 'skipped', reason: 'condition', message: '' } },
        { type: 'run-ended', at, status, reason: null },
      ])
      .commit();
    return idAt(at);
  };
  return { state, clock, chat, told, seen, outcomes, open, end };
}

test('everybody is told of the ends they are for, once', async (t) => {
  const { state, told, open, end } = rig(t);
  const notices = open();
  for (const [at, status] of [
    [1, 'success'],
    [2, 'failed'],
    [3, 'cancelled'],
  ] as const) {
    notices.tell(await end(at, status));
    await until(() => state.run(idAt(at))?.untold === undefined);
  }
  assert.deepEqual(told, ['a success /0', 'b success /1', 'a failure /0', 'b failure /1', 'b cancelled /1']);
  assert.deepEqual(await state.untoldRuns(), []);
  notices.tell(idAt(1));
  await notices.close();
  assert.equal(told.length, 5);
});

test('a success after what was none is a recovery, and is told so to who asks for that', async (t) => {
  const { state, told, open, end } = rig(t, TWO.replace('[success, failure]', '[recovery]'));
  const notices = open();
  for (const [at, status] of [
    [1, 'failed'],
    [2, 'success'],
    [3, 'success'],
  ] as const) {
    notices.tell(await end(at, status));
    await until(() => state.run(idAt(at))?.untold === undefined);
  }
  assert.deepEqual(told, ['b failure /1', 'a recovery /0', 'b success /1', 'b success /1']);
});

test('who could not be told is tried again, the others are not, and in the end it is given up', async (t) => {
  const { state, clock, chat, told, seen, outcomes, open, end } = rig(t);
  chat.refuses.add('b');
  const notices = open();
  const id = await end(1, 'failed');
  notices.tell(id);
  for (const [tries, wait] of [1_000, 10_000, 60_000, 600_000].entries()) {
    await until(() => seen.length === tries + 2 && clock.waiting === 1);
    clock.advance(wait - 1);
    assert.equal(seen.length, tries + 2);
    clock.advance(1);
  }
  await until(() => state.run(id)?.untold === undefined);
  assert.deepEqual(told, ['a failure /0']);
  assert.deepEqual(seen, ['a', 'b', 'b', 'b', 'b', 'b']);
  assert.deepEqual(outcomes, ['told', ...Array(4).fill('failed'), 'given-up']);
  assert.equal(clock.waiting, 0);
});

test('what was not told when a daemon stopped is told by the next', async (t) => {
  const { state, clock, chat, told, open, end } = rig(t);
  chat.refuses.add('a');
  const first = open();
  const id = await end(1, 'failed');
  first.tell(id);
  await until(() => clock.waiting === 1);
  await first.close();
  assert.equal(clock.waiting, 0);
  assert.deepEqual(await state.untoldRuns(), [id]);
  chat.refuses.clear();
  const next = open();
  await next.resume();
  await until(() => state.run(id)?.untold === undefined);
  assert.deepEqual(told, ['b failure /1', 'a failure /0', 'b failure /1']);
});

test('a run that has gone meanwhile is nobody told of', async (t) => {
  const { state, told, open, end } = rig(t);
  const id = await end(1, 'failed');
  const notices = open();
  await state.batch().deleteRun(id).commit();
  notices.tell(id);
  await notices.close();
  assert.deepEqual(told, []);
});
