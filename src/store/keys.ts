/**
 * The layout of the state in the database. A key is a table and parts, joined by `/`; byte order within a table is the order in
 * which it is read. Ids and names may hold anything and are spelled out, so that keys are ASCII and parts hold no `/`.
 */
export const KEYS = {
  /** Record and number of events, by id. */
  run: (id: string) => join('run', id),
  /** Bytes of its folder and its events. */
  runSize: (run: string) => join('run-size', run),
  /** The list of the events that were added together, by the number of the first. */
  events: (run: string, seq: number) => `${join('events', run)}/${padded(seq)}`,
  /** What fired a run, when it is too large to stand in its first event. */
  payload: (run: string) => join('payload', run),
  definition: (hash: string) => join('definition', hash),
  /** How many runs use it. */
  definitionUses: (hash: string) => join('definition-uses', hash),
  /** The number of the newest run. */
  lastNumber: (workflow: string) => join('last-number', workflow),
  /** Firings in the order of their decisions. */
  firing: (at: number, id: string) => `firing/${padded(at)}/${spelled(id)}`,
  firingOf: (workflow: string, at: number, id: string) => `${join('firing-of', workflow)}/${padded(at)}/${spelled(id)}`,
  /** The firing of an occasion. */
  occasion: (workflow: string, trigger: string, key: string) => join('occasion', workflow, trigger, key),
  trigger: (workflow: string, trigger: string) => join('trigger', workflow, trigger),
  paused: (workflow: string | null) => (workflow === null ? 'paused' : join('paused', workflow)),
  delivery: (source: string, id: string) => join('delivery', source, id),
  /** The id of the newest delivery with a body. */
  deliveryBody: (source: string, hash: string) => join('delivery-body', source, hash),
  deliveryAt: (at: number, source: string, id: string) => `delivery-at/${padded(at)}/${join(source, id)}`,
  audit: (number: number) => `audit/${padded(number)}`,
  secret: (name: string, scope: string) => join('secret', name, scope),
  /** The number of the newest audit record. */
  lastAudit: 'last-audit',
} as const;

/** The beginning of all keys of a table, or of those with the same first parts. */
export function prefixOf(table: string, ...parts: readonly string[]): string {
  return `${join(table, ...parts)}/`;
}

/** The parts of a key, as they were before they were spelled out. */
export function partsOf(key: string): readonly string[] {
  const [, ...parts] = key.split('/');
  return parts.map((part) =>
    part.replace(/%([0-9a-f]+);/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16))),
  );
}

/** A number so that byte order is numeric order. @throws for anything but a whole number from 0 on. */
export function padded(number: number): string {
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`Internal error: ${number} cannot be part of a key`);
  return String(number).padStart(16, '0');
}

/** The last part of a key. Only for ids, which need no spelling out. */
export function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function join(...parts: readonly string[]): string {
  return parts.map(spelled).join('/');
}

function spelled(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]/gu, (character) => `%${character.codePointAt(0)?.toString(16)};`);
}
