import type { Change, Database } from '../model/database.ts';
import type { TriggerState } from '../model/trigger.ts';
import { prefixOf } from './keys.ts';

/** Settles for every trigger whatever was due up to `now`, in ms since the epoch: none of it fires any more. */
export async function settleTriggers(database: Database, now: number): Promise<void> {
  const changes: Change[] = [];
  for await (const { key, value } of database.list({ prefix: prefixOf('trigger') })) {
    const { trigger, state } = JSON.parse(value) as { trigger: string; state: TriggerState };
    const watermark = Math.max(now, state.watermark ?? now);
    changes.push({ key, value: JSON.stringify({ trigger, state: { ...state, watermark } }) });
  }
  await database.commit(changes);
}
