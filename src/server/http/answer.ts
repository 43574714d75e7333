import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorBody } from '../../model/api.ts';
import type { Clock } from '../../model/ports.ts';
import type { Problem } from '../problem.ts';

/** How long a client that still sends gets to read the answer before the connection is cut, in ms. */
const LINGER_MS = 1_000;

/** What every answer says to browsers: take it as what it is, keep it to yourself, put it in no frame. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** The body of an error. */
export function errorBody(problem: Problem, requestId: string): ErrorBody {
  return { code: problem.code, message: problem.message, request_id: requestId };
}

/**
 * Refuses a request whose body may still be coming, without reading it: what comes is thrown away until its end or until
 * patience ends. Cutting the connection at once would take the answer from the client as well.
 */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
  requestId: string,
  clock: Clock,
): void {
  const text = JSON.stringify(errorBody(problem, requestId));
  const headers = { ...SAFE_HEADERS, ...problem.headers, 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(problem.status, { ...headers, 'content-length': Buffer.byteLength(text), connection: 'close' });
  if (request.method !== 'HEAD') response.write(text);
  const callOff = clock.after(LINGER_MS, () => request.socket.destroy());
  const end = (): void => {
    callOff();
    response.end();
  };
  if (request.complete) end();
  else request.once('end', end).once('close', callOff).on('error', callOff).resume();
}
