import { appendFileSync } from 'node:fs';
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import type { Job } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';

/** What a reply may say. */
const KEYS: ReadonlySet<string> = new Set(['code', 'message', 'exports']);

/** Names as exports have them. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** How a job ended that a plugin has replied to. Its exports go to the job's output file, as if the task had written them. */
export function takeReply(reply: Json, job: Job): Exit {
  if (!isJsonObject(reply)) return broken(`the plugin replied ${shorten(reply)}, which is no object`);
  const unknown = Object.keys(reply).find((key) => !KEYS.has(key));
  if (unknown !== undefined) return broken(`the plugin replied "${unknown}"; a reply has ${[...KEYS].join(', ')}`);
  const { code = 0, message, exports = {} } = reply;
  if (typeof code !== 'number' || !Number.isInteger(code) || code < 0 || code > 255) {
    return broken(`the plugin replied the code ${shorten(code)}; it must be a whole number up to 255`);
  }
  if (message !== undefined && typeof message !== 'string') return broken('the message of a reply must be text');
  const problem = writeExports(exports, job);
  if (problem !== null) return broken(problem);
  return { kind: 'exited', code, ...(message ? { notes: [message.slice(0, 1_000)] } : {}) };
}

function writeExports(exports: Json, job: Job): string | null {
  if (!isJsonObject(exports)) return 'the exports of a reply must be an object';
  const lines: string[] = [];
  for (const [name, value] of Object.entries(exports as JsonObject)) {
    if (!NAME.test(name)) return `an export cannot be called "${name.slice(0, 100)}"`;
    if (typeof value !== 'string') return `the export "${name}" must be text, not ${shorten(value)}`;
    lines.push(entryOf(name, value));
  }
  if (lines.length > 0) appendFileSync(job.outputFile, lines.join(''), { mode: 0o600 });
  return null;
}

/** No line of the value is the delimiter. */
function entryOf(name: string, value: string): string {
  const delimiter = `END_${crypto.randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

function shorten(value: Json): string {
  return JSON.stringify(value).slice(0, 100);
}

function broken(message: string): Exit {
  return { kind: 'failed', reason: 'driver_error', message };
}
