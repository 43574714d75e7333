import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import type { CliIO, EndSignal } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { DAEMON_SOCKET } from '../../src/util/daemon-state-dir.ts';
import { socketPlace } from '../../src/util/socket-place.ts';
import { MemoryTerminal } from './memory-terminal.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A request as it came in. */
export interface Request {
  readonly method: string;
  /** Decoded, below `/api/v1/`; a `/` within a part stays encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What is answered: JSON with status 200, an error, or whatever is written to the response. */
export type Answer = (request: Request, response: ServerResponse) => unknown;

/** How to run the program. */
export interface Settings {
  readonly stdout?: MemoryTerminal;
  readonly env?: Readonly<Record<string, string>>;
  /** null never ends. */
  readonly stdin?: string | Buffer | null;
  readonly cwd?: string;
  readonly askHidden?: CliIO['askHidden'];
}

/** The program while it runs. */
export interface Running {
  readonly code: Promise<number>;
  readonly stdout: MemoryTerminal;
  readonly stderr: MemoryTerminal;
  /** Resolves once stdin is read. */
  readonly reading: Promise<void>;
  signal(name: EndSignal): void;
}

/** A real HTTP server on the socket of a state directory (or on loopback), with canned answers, and a way to run the program against it. */
export class FakeDaemon {
  readonly folder: string;
  readonly requests: Request[] = [];
  readonly #answers = new Map<string, Answer>();
  #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = this.#createServer();
  }

  /** Listens in a state directory; `below` makes its path longer. */
  static async start(t: TestContext, below = ''): Promise<FakeDaemon> {
    const folder = join(temporaryFolder(t), below);
    mkdirSync(folder, { recursive: true });
    const daemon = new FakeDaemon(folder);
    await daemon.#listen();
    t.after(() => daemon.die());
    return daemon;
  }

  /** Listens on loopback instead; returns the address. */
  async listenOnLoopback(t: TestContext): Promise<string> {
    const server = this.#createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('Internal error: no address');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Answers `GET runs/x` from now on; the newest word counts. */
  on(route: string, answer: Answer): this {
    this.#answers.set(route, answer);
    return this;
  }

  /** Refuses a request as the API does. */
  refuse(route: string, status: number, code: string, message: string): this {
    return this.on(route, (_request, response) => sendJson(response, status, { code, message, request_id: 'r-1' }));
  }

  /** Ends at once, in the middle of whatever it says. */
  die(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Is there again, at the same place. */
  async comeBack(): Promise<void> {
    this.#server = this.#createServer();
    await this.#listen();
  }

  /** The requests of a route so far, such as `GET runs`. */
  requestsOf(route: string): Request[] {
    return this.requests.filter(({ method, path }) => `${method} ${path}` === route);
  }

  /** Resolves once a route was asked for that many times. */
  asked(route: string, times = 1): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.requestsOf(route).length < times) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Starts the program against this daemon. */
  start(argv: readonly string[], settings: Settings = {}): Running {
    const { stdout = new MemoryTerminal(), stdin = '', cwd = '/', askHidden = null } = settings;
    const stderr = new MemoryTerminal();
    let begun = (): void => {};
    const reading = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const listeners = new Set<(signal: EndSignal) => void>();
    const io: CliIO = {
      stdout,
      stderr,
      env: settings.env ?? { RUNNER_HOME: this.folder },
      program: ['runner'],
      cwd,
      stdin: () => (stdin === null ? new Readable({ read: () => begun() }) : Readable.from([Buffer.from(stdin)])),
      askHidden,
      onSignal: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      closeInherited: () => {},
    };
    const signal = (name: EndSignal): void => {
      for (const listener of listeners) listener(name);
    };
    return { code: main(argv, io), stdout, stderr, reading, signal };
  }

  /** Runs the program to its end. */
  async runner(argv: readonly string[], settings: Settings = {}): Promise<{ code: number; out: string; err: string }> {
    const running = this.start(argv, settings);
    const code = await running.code;
    return { code, out: running.stdout.text, err: running.stderr.text };
  }

  #createServer(): Server {
    return createServer((request, response) => void this.#serve(request, response));
  }

  async #listen(): Promise<void> {
    const place = socketPlace(this.folder, DAEMON_SOCKET);
    this.#server.listen(place.path);
    await once(this.#server, 'listening');
    this.#server.once('close', () => place.close());
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message);
    this.requests.push(request);
    for (const check of this.#waiting) check();
    const answer = this.#answers.get(`${request.method} ${request.path}`);
    if (!answer)
      return sendJson(response, 404, { code: 'not-found', message: `no ${request.path}`, request_id: 'r-0' });
    const body = await answer(request, response);
    if (body !== undefined) sendJson(response, 200, body);
  }
}

/** Ends a response with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Ends a response without a body. */
export function sendNothing(_request: Request, response: ServerResponse): void {
  response.writeHead(204).end();
}

async function readRequest(message: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part);
  const text = Buffer.concat(parts).toString();
  const url = new URL(message.url ?? '', 'http://localhost');
  return {
    method: message.method ?? '',
    path: url.pathname.replace('/api/v1/', ''),
    query: Object.fromEntries(url.searchParams),
    body: text === '' ? null : JSON.parse(text),
    headers: message.headers,
  };
}
