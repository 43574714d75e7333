import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Json } from '../model/json.ts';

/** The largest payload read, as for webhooks. */
const LARGEST = 25 * 1024 * 1024;

/** The JSON in the file that `--event` names, or what is wrong with it. */
export async function readPayload(
  path: string,
  cwd: string,
): Promise<{ readonly payload: Json } | { readonly problem: string }> {
  const file = resolve(cwd, path);
  try {
    const bytes = await readFile(file);
    if (bytes.length > LARGEST) return { problem: `--event ${file}: the payload is larger than 25 MiB` };
    return { payload: JSON.parse(bytes.toString('utf8')) as Json };
  } catch (error) {
    return { problem: `--event ${file}: ${error instanceof Error ? error.message : error}` };
  }
}
