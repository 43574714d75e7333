import type { Change, Database } from '../model/database.ts';
import type { FiringRecord } from '../model/firing.ts';
import type { DeliveryRecord } from '../model/state-store.ts';
import { KEYS, padded, prefixOf } from './keys.ts';

/** How long a delivery is remembered, and how many are at most: repeats of others are new. */
const DELIVERY_MS = 7 * 24 * 3_600_000;
const DELIVERIES = 50_000;
/** How long a decision can be asked for. That no slot is decided twice rests on watermarks, not on this. */
const FIRING_MS = 90 * 24 * 3_600_000;
const AUDITS = 10_000;
/** How many records are taken away in one commit. */
const AT_ONCE = 500;

/** See `StateStore.forget`. */
export async function forgetOld(database: Database, now: number): Promise<number> {
  const deliveries = await oldDeliveries(database, now);
  await removeAll(database, deliveries, (key) => deliveryKeys(database, key));
  const firings = await keysBefore(database, prefixOf('firing'), now - FIRING_MS);
  await removeAll(database, firings, (key) => firingKeys(database, key));
  const last = read<number>(database, KEYS.lastAudit) ?? 0;
  const audits = await keysBefore(database, prefixOf('audit'), last - AUDITS + 1);
  await removeAll(database, audits, (key) => [key]);
  return deliveries.length + firings.length + audits.length;
}

async function oldDeliveries(database: Database, now: number): Promise<string[]> {
  const table = prefixOf('delivery-at');
  const keys: string[] = [];
  for await (const { key } of database.list({ prefix: table })) keys.push(key);
  const old = table + padded(Math.max(0, now - DELIVERY_MS));
  return keys.filter((key, index) => key < old || index < keys.length - DELIVERIES);
}

/** The keys of a table that is ordered by numbers, up to a number. */
async function keysBefore(database: Database, table: string, number: number): Promise<string[]> {
  if (number <= 0) return [];
  const keys: string[] = [];
  for await (const { key } of database.list({ prefix: table, before: table + padded(number) })) keys.push(key);
  return keys;
}

async function removeAll(database: Database, keys: readonly string[], all: (key: string) => string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    const changes = keys.slice(start, start + AT_ONCE).flatMap(all);
    await database.commit(changes.map((key): Change => ({ key, value: null })));
  }
}

function deliveryKeys(database: Database, key: string): string[] {
  const delivery = read<DeliveryRecord>(database, read<string>(database, key) ?? '');
  if (!delivery) return [key];
  const { source, id, bodyHash } = delivery;
  const body = KEYS.deliveryBody(source, bodyHash);
  const keys = [key, KEYS.delivery(source, id)];
  return read<string>(database, body) === id ? [...keys, body] : keys;
}

function firingKeys(database: Database, firingKey: string): string[] {
  const firing = read<FiringRecord>(database, firingKey);
  if (!firing) return [];
  const { workflow, trigger, key, at, id } = firing;
  const keys = [firingKey, KEYS.firingOf(workflow, at, id)];
  return key === null ? keys : [...keys, KEYS.occasion(workflow, trigger, key)];
}

function read<T>(database: Database, key: string): T | undefined {
  const text = database.get(key);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
