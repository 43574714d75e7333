import { promises as files } from 'node:fs';
import { resolve } from 'node:path';
import type { Json } from '../model/json.ts';
import { parseUntrusted } from '../util/untrusted-json.ts';

/** The largest payload read, as for webhooks. */
const LARGEST = 25 * 1024 * 1024;

/** Levels of lists and objects a payload may have, as for webhooks. */
const DEEPEST = 100;

/** The JSON in the file that `--event` names, read as a delivery is, or what is wrong with it. */
export async function readPayload(
  path: string,
  cwd: string,
): Promise<{ readonly payload: Json } | { readonly problem: string }> {
  const file = resolve(cwd, path);
  try {
    const bytes = await files.readFile(file);
    if (bytes.length > LARGEST) return { problem: `--event ${file}: the payload is larger than 25 MiB` };
    const { value, problem } = parseUntrusted(bytes.toString('utf8'), DEEPEST);
    return problem === undefined ? { payload: value } : { problem: `--event ${file}: ${problem}` };
  } catch (error) {
    return { problem: `--event ${file}: ${error instanceof Error ? error.message : error}` };
  }
}
