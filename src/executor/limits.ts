import type { Spawn } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';

/** An end without anything having run. */
export type Failure = Extract<Exit, { kind: 'failed' }>;

/** The longest argument or `NAME=value`, in bytes: Linux allows 32 pages with the closing zero (execve(2)). */
export const LONGEST_STRING_BYTES = 128 * 1024 - 1;

/** Arguments and environment together, in bytes; well below what Linux allows with the usual stack. */
const LARGEST_TOTAL_BYTES = 1024 * 1024;

/** Why the system would not take these arguments and this environment, or undefined. */
export function checkSize(spawn: Spawn): Failure | undefined {
  if (isSurelyFine(spawn)) return undefined;
  let total = 0;
  for (const { text, name } of strings(spawn)) {
    const bytes = Buffer.byteLength(text);
    if (bytes > LONGEST_STRING_BYTES) return tooLong(`${name()} is ${bytes} bytes long`, LONGEST_STRING_BYTES);
    if (text.includes('\0'))
      return failure('bad_template', `${name()} contains a NUL character, which no program can receive`);
    total += bytes + 1;
  }
  return total > LARGEST_TOTAL_BYTES
    ? tooLong(`arguments and environment together are ${total} bytes long`, LARGEST_TOTAL_BYTES)
    : undefined;
}

/** Tells without counting bytes, which nearly always will do: a UTF-16 unit becomes at most three bytes. */
function isSurelyFine({ argv, env }: Spawn): boolean {
  let units = 0;
  for (const text of argv) {
    if (text.includes('\0')) return false;
    units += text.length + 1;
  }
  for (const key in env) {
    const value = env[key] ?? '';
    if (value.includes('\0') || key.includes('\0')) return false;
    units += key.length + value.length + 2;
  }
  return units * 3 < LONGEST_STRING_BYTES;
}

/** A failed end. */
export function failure(reason: Failure['reason'], message: string): Failure {
  return { kind: 'failed', reason, message };
}

/** Names are only made when something is wrong. */
function* strings(spawn: Spawn): Generator<{ readonly text: string; readonly name: () => string }> {
  for (const [index, text] of spawn.argv.entries()) {
    yield { text, name: () => (index === 0 ? 'the command' : `argument ${index}`) };
  }
  for (const [key, value] of Object.entries(spawn.env)) {
    yield { text: `${key}=${value}`, name: () => `the environment variable ${key}` };
  }
}

function tooLong(what: string, most: number): Failure {
  return failure('too_long', `${what}, the most is ${most}; pass long text in a file (\`files:\`, $RUNNER_EVENT_PATH)`);
}
