import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { DAEMON_SOCKET } from '../../util/daemon-state-dir.ts';
import { socketPlace } from '../../util/socket-place.ts';
import { Unreachable, UsageError } from './daemon-error.ts';
import { type Target, targetName } from './target.ts';

/** One request as it goes over the wire. */
export interface Wish {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v1/`, with its query; encoded. */
  readonly path: string;
  readonly body?: object;
  /** Silence after which the daemon counts as out of reach, in ms; 0 is never. */
  readonly patienceMs: number;
}

/** Most connections at once. More requests wait for one to come free; the server counts them per address. */
const MOST_CONNECTIONS = 20;

/** The largest body the API takes, in bytes. */
const LARGEST_BODY = 1024 * 1024;

/** Connections to one daemon, kept open between requests. */
export class Exchange {
  readonly #target: Target;
  readonly #place: ReturnType<typeof socketPlace> | null;
  readonly #signal: AbortSignal;
  readonly #open = new Set<ClientRequest>();
  #connections: HttpAgent | null = null;
  #wasThere = false;

  /** Every request ends when `signal` aborts, with its reason. @throws {Unreachable} when there is no such folder. */
  constructor(target: Target, signal: AbortSignal) {
    this.#target = target;
    this.#signal = signal;
    this.#place = target.kind === 'socket' ? placeOf(target) : null;
    signal.addEventListener('abort', () => this.#abort());
  }

  /** Sends a request; resolves once the head of the answer is here. @throws {Unreachable} @throws {UsageError} */
  async send(wish: Wish): Promise<IncomingMessage> {
    const body = bodyOf(wish);
    const { request, agent } = await this.#protocol();
    this.#signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const sent = request({ ...this.#address(wish.path), method: wish.method, agent, headers: this.#headers(wish) });
      this.#watch(sent, wish.patienceMs);
      sent.on('response', (answer) => {
        this.#wasThere = true;
        resolve(answer);
      });
      sent.on('error', (error) => reject(this.problem(error)));
      sent.end(body);
    });
  }

  /** What an error of a request or of the body of an answer means. */
  problem(error: unknown): unknown {
    if (this.#signal.aborted) return this.#signal.reason;
    return new Unreachable(`${targetName(this.#target)}: ${reasonText(error)}`, {
      wasThere: this.#wasThere,
      cause: error,
    });
  }

  close(): void {
    this.#connections?.destroy();
    this.#place?.close();
  }

  async #protocol() {
    const options = { keepAlive: true, maxSockets: MOST_CONNECTIONS };
    if (this.#target.kind === 'address' && this.#target.url.protocol === 'https:') {
      const https = await import('node:https');
      this.#connections ??= new https.Agent(options);
      return { request: https.request, agent: this.#connections };
    }
    this.#connections ??= new HttpAgent(options);
    return { request: requestHttp, agent: this.#connections };
  }

  #address(path: string) {
    const target = this.#target;
    if (target.kind === 'socket') return { socketPath: this.#place?.path ?? '', path: `/api/v1/${path}` };
    const { hostname, port, pathname } = target.url;
    // Brackets around an IPv6 address belong to the URL only.
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    return { host, port, path: `${pathname.replace(/\/$/, '')}/api/v1/${path}` };
  }

  #headers({ body }: Wish): Record<string, string> {
    const token = this.#target.kind === 'address' ? this.#target.token : null;
    return {
      ...(this.#target.kind === 'socket' ? { host: 'localhost' } : {}),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
  }

  #watch(sent: ClientRequest, patienceMs: number): void {
    this.#open.add(sent);
    sent.on('close', () => this.#open.delete(sent));
    if (patienceMs > 0) sent.setTimeout(patienceMs, () => sent.destroy(new Error('it does not answer')));
  }

  #abort(): void {
    for (const sent of this.#open) sent.destroy(new Error('aborted'));
  }
}

function bodyOf({ body }: Wish): Buffer | undefined {
  if (body === undefined) return undefined;
  const bytes = Buffer.from(JSON.stringify(body));
  // It would close the connection in the middle, which looks like trouble of another kind.
  if (bytes.length > LARGEST_BODY) throw new UsageError('that is larger than 1 MiB, the most a daemon takes at once');
  return bytes;
}

function placeOf(target: Extract<Target, { kind: 'socket' }>): ReturnType<typeof socketPlace> {
  try {
    return socketPlace(target.folder, DAEMON_SOCKET);
  } catch (error) {
    throw new Unreachable(`${targetName(target)}: ${reasonText(error)}`, { wasThere: false, cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there',
  EACCES: 'it belongs to another user',
  EPERM: 'it belongs to another user',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'there is no such host',
  ETIMEDOUT: 'it does not answer',
  ENOTSOCK: 'it is not a socket',
};

function reasonText(error: unknown): string {
  const known = error instanceof Error && 'code' in error ? REASONS[String(error.code)] : undefined;
  return known ?? (error instanceof Error ? error.message : String(error));
}
