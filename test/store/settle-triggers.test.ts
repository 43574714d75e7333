import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { settleTriggers } from '../../src/store/settle-triggers.ts';
import { createStateStore } from '../../src/store/state-store.ts';

test('what was due is settled for every trigger, and no watermark goes back', async () => {
  const database = new MemoryDatabase();
  const state = createStateStore(database);
  const batch = state.batch();
  batch.setTriggerState('ci', 'cron:1', { activatedAt: 5, watermark: null });
  batch.setTriggerState('ci', 'cron:2', { activatedAt: 5, watermark: 70 });
  batch.setTriggerState('cd', 'cron:1', { activatedAt: 5, watermark: 900 });
  await batch.commit();
  await settleTriggers(database, 100);
  assert.deepEqual(state.triggerState('ci', 'cron:1'), { activatedAt: 5, watermark: 100 });
  assert.deepEqual(state.triggerState('ci', 'cron:2'), { activatedAt: 5, watermark: 100 });
  assert.deepEqual(state.triggerState('cd', 'cron:1'), { activatedAt: 5, watermark: 900 });
});
