import { isJsonObject, type Json } from '../model/json.ts';
import type { Occasion } from '../model/trigger.ts';

/** Facts of a firing that are texts. */
const FACTS = ['event', 'action', 'repository', 'branch', 'tag', 'sha', 'sender'] as const;

const KEYS: ReadonlySet<string> = new Set(['id', 'payload', 'secrets', ...FACTS]);

/** Longest id, and longest of the other texts, in characters. */
const LONGEST_ID = 200;
const LONGEST_FACT = 1_000;

/** What the trigger of a plugin wants, as an occasion. @throws {Error} in words for who wrote the plugin */
export function readFiring(said: Json | undefined, kind: string): Occasion {
  if (!isJsonObject(said)) throw new Error('a firing must be an object');
  const unknown = Object.keys(said).find((key) => !KEYS.has(key));
  if (unknown !== undefined) throw new Error(`a firing has no "${unknown}"; it has ${[...KEYS].join(', ')}`);
  const { id, payload = {}, secrets = true } = said;
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID)
    throw new Error(`the id of a firing must be a text of up to ${LONGEST_ID} characters`);
  if (typeof secrets !== 'boolean') throw new Error('"secrets" of a firing must be true or false');
  const text = (key: (typeof FACTS)[number]): string => textOf(said[key] ?? '', key);
  const [event, action, repository] = [text('event'), text('action'), text('repository')];
  const [branch, tag, sha, sender] = [text('branch'), text('tag'), text('sha'), text('sender')];
  const firing = { kind, event, action, repository, branch, tag, sha, sender, scheduledAt: '', payload };
  const verdict = { kind: 'fire', firing, withSecrets: secrets } as const;
  return { key: id, dueAt: null, verdict, count: 1, overlap: 'allow' };
}

function textOf(value: Json, key: string): string {
  if (typeof value === 'string' && value.length <= LONGEST_FACT) return value;
  throw new Error(`"${key}" of a firing must be a text of up to ${LONGEST_FACT} characters`);
}
