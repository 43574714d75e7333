import type { Json } from '../model/json.ts';
import type { Clock, EndRequest } from '../model/ports.ts';
import { PluginFailure } from './plugin-failure.ts';
import type { PluginProcess } from './plugin-process.ts';
import type { Work } from './protocol.ts';

/** What is kept of what a plugin prints while it answers, in characters. */
const MOST_WORDS = 2_000;

/**
 * Asks a plugin something it has `ms` to answer. When they are over it is told so, and a second later its process is ended if it still is
 * at it. @throws {PluginFailure} when there is no answer
 */
export async function ask(process: PluginProcess, work: Work, clock: Clock, ms: number): Promise<Json> {
  const ending = new AbortController();
  const request: EndRequest = { graceMs: 0, hurry: new AbortController().signal };
  let words = '';
  const write = (_stream: unknown, chunk: Uint8Array): void => {
    words = `${words}${Buffer.from(chunk)}`.slice(-MOST_WORDS);
  };
  const late = new Promise<null>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const callOff = clock.after(ms, () => ending.abort(request));
  try {
    const answer = process.run(work, { signal: ending.signal, write });
    const end = await Promise.race([answer, late]);
    if (end?.kind === 'reply') return end.reply;
    if (end?.kind === 'threw') throw new PluginFailure(end.failure.message, `${words}${end.failure.stack}`);
    if (end?.kind === 'died') throw new PluginFailure(`its process died: ${end.how}`, words);
    throw new PluginFailure(`it did not answer within ${ms / 1000} s`, words);
  } finally {
    callOff();
  }
}
