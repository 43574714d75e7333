import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why the engine did not do what it was asked for. */
export class EngineError extends Error {
  /** The status of its answer; 0 when there was none. */
  readonly status: number;
  /** The system's code when the engine was not reached, `ENOENT` for example; otherwise empty. */
  readonly code: string;

  constructor(status: number, message: string, code = '') {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whether nobody answered, or broke off. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

/** A question to the engine. */
export interface EngineCall {
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Calls it off, also while the answer is read. */
  readonly signal?: AbortSignal;
}

const SILENCE_MS = 120_000;

/** Speaks the Docker Engine's HTTP API on its socket. Every failure is an `EngineError`, except being called off. */
export class EngineClient {
  readonly socketPath: string;
  // A connection of its own for each call costs a tenth of a millisecond, and none is ever found closed by the other side.
  readonly #agent = new Agent({ keepAlive: false });
  readonly #silenceMs: number;

  /** `silenceMs`: how long the engine may be silent before an answer, for calls that do not wait for something. */
  constructor(socketPath: string, silenceMs = SILENCE_MS) {
    this.socketPath = socketPath;
    this.#silenceMs = silenceMs;
  }

  /** The answer, read from JSON; undefined when it is empty. */
  async call(method: string, path: string, call: EngineCall = {}): Promise<unknown> {
    const answer = await this.#answer(method, path, call, this.#silenceMs);
    const text = await textOf(answer);
    return text === '' ? undefined : readJson(text);
  }

  /** The answer as it comes, once it has begun; may take for ever. */
  stream(method: string, path: string, call: EngineCall = {}): Promise<IncomingMessage> {
    return this.#answer(method, path, call, 0);
  }

  /** A connection that has left HTTP behind. */
  upgrade(path: string, call: EngineCall = {}): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const headers = { connection: 'Upgrade', upgrade: 'tcp' };
      const sent = request(this.#options('POST', path, { ...call, headers }, 0));
      sent.once('upgrade', (_answer, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        call.signal?.addEventListener('abort', () => socket.destroy(), { once: true });
        resolve(socket);
      });
      sent.once('response', (answer) => {
        refusalOf(answer).then(reject, reject);
      });
      sent.once('error', (error) => reject(asEngineError(error)));
      sent.end();
    });
  }

  async #answer(method: string, path: string, call: EngineCall, silenceMs: number): Promise<IncomingMessage> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(this.#options(method, path, call, silenceMs), resolve);
      sent.once('timeout', () => sent.destroy(new Error(`no answer for ${silenceMs / 1000} s`)));
      sent.once('error', (error) => reject(asEngineError(error)));
      sent.end(call.body === undefined ? undefined : JSON.stringify(call.body));
    });
    if ((answer.statusCode ?? 500) >= 300) throw await refusalOf(answer);
    return answer;
  }

  #options(method: string, path: string, call: EngineCall, timeout: number): RequestOptions {
    const query = new URLSearchParams(call.query).toString();
    return {
      socketPath: this.socketPath,
      agent: this.#agent,
      method,
      path: query === '' ? path : `${path}?${query}`,
      headers: {
        host: 'docker',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(timeout > 0 ? { timeout } : {}),
      ...(call.signal ? { signal: call.signal } : {}),
    };
  }
}

/** What Docker never says; somebody else listens there. */
export function notDocker(answer: string): EngineError {
  return new EngineError(502, `nothing that makes sense (${answer.slice(0, 80)}); is it Docker that listens there?`);
}

/** The whole of an answer. @throws {EngineError} when it breaks off */
export async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk);
  } catch (error) {
    throw asEngineError(error);
  }
  return Buffer.concat(chunks).toString();
}

/** A failure of the connection, in the form all failures here have. */
export function asEngineError(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'AbortError' || error instanceof EngineError) return error;
  return new EngineError(0, error.message, 'code' in error ? String(error.code) : '');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notDocker(text);
  }
}

async function refusalOf(answer: IncomingMessage): Promise<EngineError> {
  const text = await textOf(answer);
  return new EngineError(answer.statusCode ?? 500, messageIn(text));
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}
