import { randomBytes } from './random-bytes.ts';

/** Ids of one millisecond that can be put in order: 12 bits. */
const MOST_ORDERED = 4096;

/**
 * A UUID version 7: sorts by the time it was made, ms since the epoch, and among those of the same time by `place`, where that is
 * given.
 */
export function runId(now: number, place?: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  if (place !== undefined) bytes.writeUInt16BE(Math.min(place, MOST_ORDERED - 1), 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
