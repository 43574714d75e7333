import { isUtf8 } from 'node:buffer';
import { resolve } from 'node:path';
import type { Json } from '../model/json.ts';
import { readRegularFile } from '../util/read-file.ts';
import { parseUntrusted } from '../util/untrusted-json.ts';

/** The largest payload read, as for webhooks. */
const LARGEST = 25 * 1024 * 1024;

/** Levels of lists and objects a payload may have, as for webhooks. */
const DEEPEST = 100;

/** The JSON in the file that `--event` names, read as a delivery is, or what is wrong with it. */
export function readPayload(path: string, cwd: string): { readonly payload: Json } | { readonly problem: string } {
  const file = resolve(cwd, path);
  const refuse = (problem: string) => ({ problem: `--event ${file}: ${problem}` });
  const read = readRegularFile(file, file, LARGEST);
  if ('diagnostic' in read) return refuse(read.diagnostic.message);
  if (!isUtf8(read.bytes)) return refuse('it is not UTF-8');
  const { value, problem } = parseUntrusted(Buffer.from(read.bytes).toString(), DEEPEST);
  return problem === undefined ? { payload: value } : refuse(problem);
}
