import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Vault } from '../util/vault.ts';
import { CHAIN_PREFIX, decodeLink, findBreak, findLoss, type Link, type Loss, NO_LINK } from './commit-chain.ts';
import { DatabaseRefusal, damaged } from './database-refusal.ts';
import { type Level, refusalOf, WITNESS_NAME } from './level-folder.ts';
import { readWitness, type Testimony } from './witness-file.ts';

/** The layout this program writes, and the key that says so; its value is also the proof that the key of the vault is right. */
export const SCHEMA = { key: '\0schema', version: 1 } as const;

/** Holds the number of the last commit when a loss was accepted. */
export const LOSS_ACCEPTED = '\0loss-accepted';

/** What users of the database keep begins here; keys before it are ours. */
export const FIRST_KEY = '\x01';

/** All links, many at a time: a start waits for them. */
const CHAIN_RANGE = { gte: CHAIN_PREFIX, lt: `${CHAIN_PREFIX}\x7f`, highWaterMarkBytes: 512 * 1024 };

/** What is known of the commits when a database is opened. */
export interface ChainState {
  readonly last: Link;
  readonly loss: Loss | null;
  /** Nothing was ever committed. */
  readonly isNew: boolean;
}

/** Before LevelDB is touched: whether we can read what is there. @throws DatabaseRefusal when a newer program wrote it */
export function checkSchema(folder: string): Testimony | null {
  const testimony = readWitness(join(folder, WITNESS_NAME));
  if (testimony) refuseNewer(folder, testimony.schema);
  return testimony;
}

/** Follows the chain of commits. @throws DatabaseRefusal when the key is wrong, or what should be there cannot be read */
export async function readChain(
  folder: string,
  level: Level,
  vault: Vault,
  testimony: Testimony | null,
): Promise<ChainState> {
  try {
    return await followChain(folder, level, vault, testimony?.number ?? 0);
  } catch (error) {
    throw error instanceof DatabaseRefusal ? error : refusalOf(folder, error);
  }
}

/** Longer texts are packed, in characters: payloads of events shrink to a tenth. */
const LONG_TEXT = 64 * 1024;

/** What a packed value begins with, and none that is not. */
const PACKED = 0;

/** A text as it is stored under a key: nobody without the vault's secret reads it, and it is of no use under another key. */
export function sealValue(vault: Vault, key: string, value: string): Uint8Array {
  return vault.seal(packed(value), Buffer.from(key));
}

/** The other way of `sealValue`. @throws an error that names the key when the bytes are not what was stored */
export function openValue(vault: Vault, key: string, sealed: Uint8Array): string {
  const plain = vault.open(sealed, Buffer.from(key));
  if (plain === null) throw new Error(`the value of ${JSON.stringify(key)} in the database is damaged`);
  const bytes = plain[0] === PACKED ? inflateRawSync(plain.subarray(1), inOnePiece(4 * plain.length)) : plain;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

function packed(value: string): Uint8Array | readonly Uint8Array[] {
  if (value.length < LONG_TEXT && !value.startsWith('\0')) return Buffer.from(value);
  return [Uint8Array.of(PACKED), deflateRawSync(value, { level: 1, ...inOnePiece(value.length + LONG_TEXT) })];
}

/** Room for the whole result where it has so many bytes: what comes in pieces is in memory twice. Room that is not needed costs none. */
function inOnePiece(bytes: number): { readonly chunkSize: number } {
  return { chunkSize: Math.max(LONG_TEXT, bytes) };
}

async function followChain(folder: string, level: Level, vault: Vault, witness: number): Promise<ChainState> {
  const schema = readOwn(folder, level, vault, SCHEMA.key);
  if (schema !== undefined) refuseNewer(folder, Number(schema));
  const base = Number(readOwn(folder, level, vault, LOSS_ACCEPTED) ?? 0);
  const links = await readLinks(folder, level);
  const broken = findBreak(links, base);
  if (broken) throw damaged(folder, `commit ${broken[1]} does not follow commit ${broken[0]}`);
  const newest = links.reduce((most, link) => (link.number > most.number ? link : most), NO_LINK);
  const last = { ...newest, number: Math.max(newest.number, witness) };
  return { last, loss: findLoss(links, base, witness), isNew: schema === undefined };
}

async function readLinks(folder: string, level: Level): Promise<Link[]> {
  const links: Link[] = [];
  for await (const [key, bytes] of level.iterator(CHAIN_RANGE)) {
    const link = decodeLink(bytes);
    if (!link) throw damaged(folder, `${JSON.stringify(key)} is not the link of a commit`);
    links.push(link);
  }
  return links;
}

function readOwn(folder: string, level: Level, vault: Vault, key: string): string | undefined {
  const sealed = level.getSync(key);
  if (sealed === undefined) return undefined;
  const plain = vault.open(sealed, Buffer.from(key));
  if (plain) return Buffer.from(plain).toString();
  const message = `the database ${folder} was sealed with another key, or is damaged: put the key back that belongs to it`;
  throw new DatabaseRefusal('WRONG_KEY', message);
}

function refuseNewer(folder: string, version: number): void {
  if (version <= SCHEMA.version) return;
  const message = `the database ${folder} was written by a newer version of this program (schema ${version}, this one knows ${SCHEMA.version}): use that version`;
  throw new DatabaseRefusal('NEWER', message);
}
