import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RunEvent } from '../../src/model/event.ts';
import type { Json } from '../../src/model/json.ts';
import { MANUAL_FIRING } from '../../src/model/manual-firing.ts';
import type { RunHeader } from '../../src/model/run.ts';
import type { EndedQuery, StateStore } from '../../src/model/state-store.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import { FailingDatabase, fullDiskAt } from '../support/failing-database.ts';
import { firingRecord, idAt, runRecord } from '../support/state-records.ts';
import type { OpenDatabase } from './database.ts';

/** What the state of a daemon must do, whatever database it is kept in. */
export function stateContract(name: string, open: OpenDatabase): void {
  const state = async (t: TestContext): Promise<StateStore> => createStateStore(await open(t));

  test(`${name}: a run has its record, its events in order, and takes its number`, async (t) => {
    const store = await state(t);
    const record = runRecord(1, { workflow: 'a/ü b' });
    assert.equal(store.nextNumber('a/ü b'), 1);
    await store
      .batch()
      .createRun(record, [started(1)])
      .append(idAt(1), 1, [started(2), started(3)])
      .commit();
    assert.deepEqual(store.run(idAt(1)), record);
    assert.deepEqual(await store.events(idAt(1)), [started(1), started(2), started(3)]);
    assert.deepEqual(await store.events(idAt(1), 2), [started(3)]);
    assert.deepEqual([store.nextNumber('a/ü b'), store.nextNumber('a')], [2, 1]);
    assert.equal(store.run(idAt(2)), undefined);
    assert.deepEqual(await store.events(idAt(2)), []);
  });

  test(`${name}: a large payload is the run's own, read when it is looked at, and gone with the run`, async (t) => {
    const store = await state(t);
    const payload = { text: 'x'.repeat(100_000) };
    const created = (number: number, size: Json): RunEvent => ({
      type: 'run-created',
      at: 1,
      run: headerWith(number, size),
    });
    for (const [number, size] of [payload, { text: 'x' }, null].entries()) {
      const record = runRecord(number + 1);
      await store
        .batch()
        .createRun(record, [created(number + 1, size)])
        .commit();
      assert.deepEqual(await store.events(idAt(number + 1)), [created(number + 1, size)]);
    }
    assert.equal(store.payloadText(idAt(1)), JSON.stringify(payload));
    assert.equal(store.payloadText(idAt(2)), undefined);
    await store
      .batch()
      .updateRun(runRecord(1, { status: 'success', endedAt: 9 }))
      .commit();
    await store.batch().deleteRun(idAt(1)).commit();
    assert.equal(store.payloadText(idAt(1)), undefined);
  });

  test(`${name}: a payload that several new runs have in common is written out once and belongs to each`, async (t) => {
    const store = await state(t);
    let asked = 0;
    const text = 'x'.repeat(100_000);
    const payload = { toJSON: () => ({ text, asked: ++asked }) } as unknown as Json;
    const batch = store.batch();
    for (const number of [1, 2]) {
      const created: RunEvent = { type: 'run-created', at: 1, run: headerWith(number, payload) };
      batch.createRun(runRecord(number), [created]);
    }
    await batch.commit();
    const kept = JSON.stringify({ text, asked: 1 });
    assert.deepEqual([store.payloadText(idAt(1)), store.payloadText(idAt(2))], [kept, kept]);
  });

  test(`${name}: events are appended only where their writer believes the journal ends`, async (t) => {
    const store = await state(t);
    await store
      .batch()
      .createRun(runRecord(1), [started(1)])
      .commit();
    assert.throws(() => store.batch().append(idAt(1), 2, []), /has 1 events, not 2: two are writing/);
    const [first, second] = [store.batch(), store.batch()];
    first.append(idAt(1), 1, [started(2)]);
    second.append(idAt(1), 1, [started(3)]).setPaused(null, true);
    await first.commit();
    await assert.rejects(second.commit(), /has 2 events, not 1: two are writing/);
    assert.deepEqual(await store.events(idAt(1)), [started(1), started(2)]);
    assert.equal(store.isPaused(null), false);
  });

  test(`${name}: runs are listed newest first by workflow, status and time, page by page`, async (t) => {
    const store = await state(t);
    await store
      .batch()
      .createRun(runRecord(1), [])
      .createRun(runRecord(2, { workflow: 'cd' }), [])
      .commit();
    await store.batch().createRun(runRecord(3), []).createRun(runRecord(4), []).commit();
    await store
      .batch()
      .updateRun(runRecord(3, { status: 'failed', endedAt: 9 }))
      .commit();
    const ids = async (query: Partial<Parameters<StateStore['runs']>[0]>) => {
      const { runs, more } = await store.runs({ limit: 10, ...query });
      return [...runs.map(({ header }) => header.createdAt), more];
    };
    assert.deepEqual(await ids({}), [4, 3, 2, 1, false]);
    assert.deepEqual(await ids({ limit: 2 }), [4, 3, true]);
    assert.deepEqual(await ids({ limit: 2, before: idAt(3) }), [2, 1, false]);
    assert.deepEqual(await ids({ workflow: 'ci' }), [4, 3, 1, false]);
    assert.deepEqual(await ids({ status: 'queued' }), [4, 2, 1, false]);
    assert.deepEqual(await ids({ workflow: 'ci', status: 'queued' }), [4, 1, false]);
    assert.deepEqual(await ids({ status: 'failed', since: 4 }), [false]);
    assert.deepEqual(await ids({ since: 2, workflow: 'ci', limit: 2 }), [4, 3, false]);
    const unfinished = await store.unfinishedRuns();
    assert.deepEqual(
      unfinished.map(({ header }) => header.createdAt),
      [1, 2, 4],
    );
  });

  test(`${name}: whose end somebody has not been told of is known, once they are over and until they are told`, async (t) => {
    const store = await state(t);
    const record = runRecord(1, { untold: true });
    await store
      .batch()
      .createRun(record, [started(1)])
      .createRun(runRecord(2), [started(2)])
      .commit();
    assert.deepEqual(await store.untoldRuns(), []);
    const ended = { ...record, status: 'failed', endedAt: 5 } as const;
    await store.batch().updateRun(ended).commit();
    assert.deepEqual(await store.untoldRuns(), [idAt(1)]);
    const { untold: _, ...told } = ended;
    await store.batch().updateRun(told).commit();
    assert.deepEqual(await store.untoldRuns(), []);
    await store.batch().updateRun(ended).commit();
    await store.batch().deleteRun(idAt(1)).commit();
    assert.deepEqual(await store.untoldRuns(), []);
  });

  test(`${name}: runs that are over are told with their sizes, until they go`, async (t) => {
    const store = await state(t);
    const ended = (at: number, workflow: string) => runRecord(at, { workflow, status: 'success', endedAt: at + 10 });
    await store
      .batch()
      .createRun(ended(1, 'a/ü b'), [])
      .createRun(ended(2, 'cd'), [])
      .createRun(runRecord(3), [])
      .setRunSize(idAt(2), 4096)
      .commit();
    assert.deepEqual(await store.keptRuns(), [
      { id: idAt(1), workflow: 'a/ü b', endedAt: 11, bytes: null },
      { id: idAt(2), workflow: 'cd', endedAt: 12, bytes: 4096 },
    ]);
    await store.batch().deleteRun(idAt(2)).commit();
    assert.deepEqual(
      (await store.keptRuns()).map(({ id }) => id),
      [idAt(1)],
    );
    await assert.rejects(store.batch().setRunSize(idAt(2), 1).commit(), /there is no run/);
  });

  test(`${name}: a run is found by its id or the beginning of it`, async (t) => {
    const store = await state(t);
    await store.batch().createRun(runRecord(0x10000), []).createRun(runRecord(0x10001), []).commit();
    assert.deepEqual(await store.findRun(idAt(0x10000)), [idAt(0x10000)]);
    assert.deepEqual(await store.findRun(idAt(0x10000).slice(0, 8)), [idAt(0x10000), idAt(0x10001)]);
    assert.deepEqual(await store.findRun(idAt(0x10001).slice(0, 13)), [idAt(0x10001)]);
    assert.deepEqual(await store.findRun('0000000'), []);
    assert.deepEqual(await store.findRun('../../../../etc'), []);
  });

  test(`${name}: a definition is kept once and goes with its last run`, async (t) => {
    const store = await state(t);
    const definition = { hash: 'd1', workflow: 'ci', file: 'ci.yml', text: 'tasks: {}' };
    await store
      .batch()
      .keepDefinition(definition)
      .createRun(runRecord(1), [started(1)])
      .commit();
    await store.batch().keepDefinition(definition).createRun(runRecord(2), []).commit();
    assert.throws(() => store.batch().append('nobody', 0, []), /there is no run nobody/);
    await assert.rejects(store.batch().deleteRun(idAt(1)).commit(), /is not over/);
    const over = [1, 2].map((at) => runRecord(at, { status: 'success', endedAt: at }));
    for (const record of over) await store.batch().updateRun(record).commit();
    await store.batch().deleteRun(idAt(1)).commit();
    assert.deepEqual(store.definition('d1'), definition);
    assert.deepEqual(await store.events(idAt(1)), []);
    await store.batch().deleteRun(idAt(2)).commit();
    assert.equal(store.definition('d1'), undefined);
    assert.deepEqual(await store.runs({ limit: 9 }), { runs: [], more: false });
    assert.equal(store.nextNumber('ci'), 3);
  });

  test(`${name}: an occasion is decided once, and its firing is found by it`, async (t) => {
    const store = await state(t);
    const first = firingRecord(1, { key: 'slot/1' });
    await store.batch().recordFiring(first).commit();
    assert.deepEqual(store.firingOf('ci', 'cron:a', 'slot/1'), first);
    assert.equal(store.firingOf('ci', 'cron:b', 'slot/1'), undefined);
    await assert.rejects(
      store
        .batch()
        .recordFiring(firingRecord(2, { key: 'slot/1' }))
        .commit(),
      /decided slot\/1/,
    );
    await store
      .batch()
      .recordFiring(firingRecord(3))
      .recordFiring(firingRecord(2, { workflow: 'cd' }))
      .commit();
    const times = async (query: Parameters<StateStore['firings']>[0]) =>
      (await store.firings(query)).map(({ at }) => at);
    assert.deepEqual(await times({ limit: 9 }), [3, 2, 1]);
    assert.deepEqual(await times({ limit: 1, until: 2 }), [2]);
    assert.deepEqual(await times({ limit: 9, workflow: 'ci' }), [3, 1]);
    assert.deepEqual(await times({ limit: 9, workflow: 'ci', until: 1 }), [1]);
  });

  test(`${name}: triggers, pauses, deliveries and the audit trail are remembered`, async (t) => {
    const store = await state(t);
    const delivery = { source: 'github', id: 'x/1', event: 'push', bodyHash: 'b', at: 5, runs: [idAt(1)] };
    const audit = { at: 1, actor: 'cli', action: 'run.start', subject: 'ci', result: 'done' };
    await store
      .batch()
      .setTriggerState('ci', 'cron:0 * * * *', { activatedAt: 1, watermark: null })
      .setTriggerState('ci', 'b', { activatedAt: 2, watermark: 3 })
      .setTriggerState('c', 'i', { activatedAt: 4, watermark: 4 })
      .setPaused('ci', true)
      .recordDelivery(delivery)
      .recordDelivery({ ...delivery, id: '2', at: 6 })
      .recordAudit(audit)
      .recordAudit({ ...audit, action: 'run.cancel' })
      .commit();
    assert.deepEqual(store.triggerState('ci', 'b'), { activatedAt: 2, watermark: 3 });
    assert.deepEqual([...((await store.triggerStates()).get('ci') ?? new Map()).keys()].sort(), [
      'b',
      'cron:0 * * * *',
    ]);
    assert.deepEqual([store.isPaused('ci'), store.isPaused('c'), store.isPaused(null)], [true, false, false]);
    assert.deepEqual(store.delivery('github', 'x/1'), delivery);
    assert.equal(store.deliveryOfBody('github', 'b')?.id, '2');
    assert.deepEqual(
      (await store.audits({ limit: 1 })).map(({ action, number }) => [action, number]),
      [['run.cancel', 2]],
    );
    await store.batch().setTriggerState('ci', 'b', null).setPaused('ci', false).commit();
    assert.deepEqual([store.triggerState('ci', 'b'), store.isPaused('ci')], [undefined, false]);
  });

  test(`${name}: workflows with triggers are known by name until their triggers are forgotten`, async (t) => {
    const store = await state(t);
    const remembered = { activatedAt: 1, watermark: null };
    const batch = store.batch();
    for (const workflow of ['a/ü b', 'plain']) {
      for (const trigger of ['cron x', 'interval']) batch.setTriggerState(workflow, trigger, remembered);
    }
    await batch.commit();
    assert.deepEqual([...(await store.triggeredWorkflows())].sort(), ['a/ü b', 'plain']);
    await store.batch().setTriggerState('plain', 'cron x', null).setTriggerState('plain', 'interval', null).commit();
    assert.deepEqual(await store.triggeredWorkflows(), ['a/ü b']);
  });

  test(`${name}: retention finds the runs that ended first, by workflow, without the newest`, async (t) => {
    const store = await state(t);
    const batch = store.batch();
    for (const at of [1, 2, 3, 4]) batch.createRun(runRecord(at), []);
    batch.createRun(runRecord(5, { workflow: 'c/i' }), []);
    const ends = [
      [4, 40],
      [1, 60],
      [3, 70],
      [5, 65],
    ] as const;
    for (const [at, endedAt] of ends) {
      batch.updateRun(runRecord(at, { workflow: at === 5 ? 'c/i' : 'ci', status: 'success', endedAt }));
    }
    await batch.commit();
    const ended = async (query: Partial<EndedQuery>) =>
      (await store.endedRuns({ limit: 9, ...query })).map(({ header }) => header.createdAt);
    assert.deepEqual(await store.workflows(), ['c/i', 'ci']);
    assert.deepEqual(await ended({}), [4, 1, 5, 3]);
    assert.deepEqual(await ended({ until: 60, limit: 1 }), [4]);
    assert.deepEqual(await ended({ until: 60 }), [4, 1]);
    assert.deepEqual(await ended({ workflow: 'ci', keep: 1 }), [4, 1]);
    assert.deepEqual(await ended({ workflow: 'ci', keep: 1, limit: 1 }), [4]);
    assert.deepEqual(await ended({ workflow: 'ci', keep: 9 }), []);
    await store.batch().deleteRun(idAt(4)).commit();
    assert.deepEqual(await ended({ workflow: 'ci' }), [1, 3]);
  });

  test(`${name}: deliveries, firings and audit records are forgotten when they are old`, async (t) => {
    const store = await state(t);
    const day = 24 * 3_600_000;
    const now = 200 * day;
    const delivery = { source: 'github', id: 'old', event: 'push', bodyHash: 'b', at: now - 7 * day - 1, runs: [] };
    await store
      .batch()
      .recordDelivery(delivery)
      .recordDelivery({ ...delivery, id: 'new', bodyHash: 'c', at: now - 7 * day })
      .recordFiring(firingRecord(now - 90 * day - 1, { key: 'old' }))
      .recordFiring(firingRecord(now - 90 * day, { key: 'new' }))
      .commit();
    const audits = store.batch();
    for (let at = 0; at <= 10_000; at++) {
      audits.recordAudit({ at, actor: 'cli', action: 'run.start', subject: '', result: '' });
    }
    await audits.commit();
    assert.equal(await store.forget(now), 3);
    assert.equal(store.delivery('github', 'old'), undefined);
    assert.equal(store.deliveryOfBody('github', 'b'), undefined);
    assert.equal(store.deliveryOfBody('github', 'c')?.id, 'new');
    assert.equal(store.firingOf('ci', 'cron:a', 'old'), undefined);
    assert.deepEqual(
      (await store.firings({ limit: 9, workflow: 'ci' })).map(({ key }) => key),
      ['new'],
    );
    assert.equal((await store.audits({ limit: 20_000 })).at(-1)?.at, 1);
    const page = await store.audits({ before: 9000, limit: 2 });
    assert.deepEqual(
      page.map(({ number }) => number),
      [8999, 8998],
    );
    assert.equal(await store.forget(now), 0);
  });

  test(`${name}: a batch that could not be written changes nothing, and can be made again`, async (t) => {
    const database = new FailingDatabase(await open(t), fullDiskAt(2));
    const store = createStateStore(database);
    await store
      .batch()
      .createRun(runRecord(1), [started(1)])
      .commit();
    const transition = () =>
      store
        .batch()
        .append(idAt(1), 1, [started(2)])
        .updateRun(runRecord(1, { status: 'running' }));
    await assert.rejects(transition().commit(), /no space left/);
    assert.deepEqual([store.run(idAt(1))?.status, await store.events(idAt(1))], ['queued', [started(1)]]);
    await transition().commit();
    assert.deepEqual([store.run(idAt(1))?.status, await store.events(idAt(1))], ['running', [started(1), started(2)]]);
  });

  test(`${name}: ids and names of any characters are kept apart`, async (t) => {
    const store = await state(t);
    const names = ['a', 'a/b', 'a%2f;b', 'a b', 'ä', '\u{1f600}', '\ud83d', 'A', '', '.', 'a\nb'];
    const batch = store.batch();
    for (const [index, workflow] of names.entries()) {
      batch.createRun(runRecord(index + 1, { workflow }), []);
      batch.recordFiring(firingRecord(index + 1, { workflow, trigger: workflow, key: workflow }));
      batch.setTriggerState(workflow, workflow, { activatedAt: index, watermark: null });
    }
    await batch.commit();
    for (const [index, workflow] of names.entries()) {
      const { runs } = await store.runs({ workflow, limit: 9 });
      assert.deepEqual(
        runs.map(({ header }) => header.createdAt),
        [index + 1],
      );
      assert.equal(store.firingOf(workflow, workflow, workflow)?.at, index + 1);
      assert.deepEqual(
        [...((await store.triggerStates()).get(workflow) ?? new Map()).values()].map((one) => one.activatedAt),
        [index],
      );
    }
  });
}

function started(at: number): RunEvent {
  return { type: 'run-started', at };
}

function headerWith(number: number, payload: Json): RunHeader {
  const { header } = runRecord(number);
  return { ...header, firing: { ...MANUAL_FIRING, payload } };
}
