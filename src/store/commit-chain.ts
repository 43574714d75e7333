import { createHash } from 'node:crypto';

/**
 * How many commits are remembered. LevelDB loses records only from its logs: two, one being written and one on its way into a
 * table, of `WRITE_BUFFER_BYTES` each. A link and its smallest change take 145 of them, so the logs never hold more than this.
 */
export const CHAIN_SLOTS = 16_384;

/** How much LevelDB keeps in a log before it makes a table of it. See `CHAIN_SLOTS`. */
export const WRITE_BUFFER_BYTES = 1024 * 1024;

/** Where the links stand in LevelDB. */
export const CHAIN_PREFIX = '\0chain/';

/** One commit: its number and the hash over all commits up to it. */
export interface Link {
  readonly number: number;
  readonly previous: Buffer;
  readonly hash: Buffer;
}

/** Commits that were made and are not there: `lost` of them, none of them before number `after` + 1. */
export interface Loss {
  readonly after: number;
  readonly lost: number;
}

/** The link before the first. */
export const NO_LINK: Link = { number: 0, previous: Buffer.alloc(32), hash: Buffer.alloc(32) };

/** The link of a commit that follows `last` and writes `parts`. */
export function linkAfter(last: Link, parts: readonly (string | Uint8Array)[]): Link {
  const digest = createHash('sha256').update(last.hash);
  for (const part of parts) digest.update(`${part.length}:`).update(part);
  return { number: last.number + 1, previous: last.hash, hash: digest.digest() };
}

/** The key of a link: the links take turns. */
export function slotOf(number: number): string {
  return CHAIN_PREFIX + String(number % CHAIN_SLOTS).padStart(5, '0');
}

/** The bytes of a link, as they are stored. */
export function encodeLink({ number, previous, hash }: Link): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return Buffer.concat([bytes, previous, hash]);
}

/** The other way of `encodeLink`; null for what is no link. */
export function decodeLink(bytes: Uint8Array): Link | null {
  if (bytes.length !== 72) return null;
  const buffer = Buffer.from(bytes);
  const number = Number(buffer.readBigUInt64BE());
  return { number, previous: buffer.subarray(8, 40), hash: buffer.subarray(40) };
}

/**
 * What the links that are there tell about those that are not. Commits up to `base` are not asked for. Newest first are lost when
 * `witness`, the number of the last commit that was acknowledged as far as is known, is beyond the newest link.
 */
export function findLoss(links: readonly Link[], base: number, witness: number): Loss | null {
  const newest = links.reduce((most, { number }) => Math.max(most, number), 0);
  const last = Math.max(newest, witness);
  const there = new Set(links.map(({ number }) => number));
  const missing: number[] = [];
  for (let number = Math.max(base, newest - CHAIN_SLOTS) + 1; number <= newest; number++) {
    if (!there.has(number)) missing.push(number);
  }
  const lost = missing.length + last - newest;
  return lost === 0 ? null : { after: (missing[0] ?? newest + 1) - 1, lost };
}

/** Two links that follow each other and do not fit, as a pair of numbers; null when all do. */
export function findBreak(links: readonly Link[], base: number): readonly [number, number] | null {
  const byNumber = new Map(links.map((link) => [link.number, link]));
  for (const { number, previous } of links) {
    const before = number - 1 > base ? byNumber.get(number - 1) : undefined;
    if (before && !before.hash.equals(previous)) return [number - 1, number];
  }
  return null;
}
