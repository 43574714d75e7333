import { createHmac } from 'node:crypto';
import { definePlugin } from 'runner/plugin';

/** Time for an answer, in ms; under the 30 s after which a notice is given up. */
const TIMEOUT_MS = 20_000;

/** Tells a URL of the end of a run: JSON whose `text` is what chats show. */
export default definePlugin({
  name: 'webhook',
  api: 1,
  notifiers: [
    {
      type: 'webhook',
      schema: {
        type: 'object',
        required: ['url'],
        additionalProperties: false,
        properties: {
          url: { type: 'string', pattern: '^https?://' },
          headers: { type: 'object', maxProperties: 50, additionalProperties: { type: 'string' } },
          secret: { type: 'string', minLength: 1 },
        },
      },
      notify: tell,
    },
  ],
});

async function tell({ id, when, spec, run }, { signal }) {
  const body = JSON.stringify({ text: textOf(when, run), id, when, run });
  const signature = spec.secret && `sha256=${createHmac('sha256', spec.secret).update(body).digest('hex')}`;
  const answer = await fetch(spec.url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-runner-notice': id,
      ...(signature ? { 'x-runner-signature-256': signature } : {}),
      ...spec.headers,
    },
    // What is said to one server is for no other.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  }).catch((error) => {
    // "fetch failed" is all that the error itself says.
    throw new Error(error.cause?.message ?? error.message);
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
}

/** One line: which run, how it ended, and of what. */
function textOf(when, { workflow, number, status, reason, results }) {
  const failed = Object.values(results).filter((task) => task.status === 'failed');
  const why = failed.length > 0 ? `: ${failed.map((task) => `${task.name} (${task.reason})`).join(', ')}` : '';
  const word = when === 'recovery' ? 'success again' : status;
  return `${workflow}#${number}: ${word}${why || (reason ? ` (${reason})` : '')}`;
}
