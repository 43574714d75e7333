import { join } from 'node:path';
import { CHAIN_PREFIX, decodeLink } from './commit-chain.ts';
import { type Level, openLevel, WITNESS_NAME } from './level-folder.ts';
import { SCHEMA } from './level-schema.ts';
import { WitnessFile } from './witness-file.ts';

/** How much is written at a time. */
const CHUNK_ENTRIES = 1000;

/** Writes everything as it is at this moment, sealed as it is, into an empty folder, with a witness of its own. */
export async function copyLevel(from: Level, folder: string): Promise<void> {
  const target = await openLevel(folder);
  let number = 0;
  try {
    let chunk: { type: 'put'; key: string; value: Uint8Array }[] = [];
    for await (const [key, value] of from.iterator()) {
      if (key.startsWith(CHAIN_PREFIX)) number = Math.max(number, decodeLink(value)?.number ?? 0);
      chunk.push({ type: 'put', key, value });
      if (chunk.length < CHUNK_ENTRIES) continue;
      await target.batch(chunk);
      chunk = [];
    }
    await target.batch(chunk, { sync: true });
  } finally {
    await target.close();
  }
  const witness = new WitnessFile(join(folder, WITNESS_NAME));
  witness.write({ schema: SCHEMA.version, number });
  witness.close();
}
