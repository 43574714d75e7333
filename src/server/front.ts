import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../model/ports.ts';
import { errorBody, refuse } from './http/answer.ts';
import { Connections } from './http/connections.ts';
import type { Gate } from './http/gate.ts';
import { requestIds } from './http/request-ids.ts';
import { HEADER_BYTES, type Limits } from './limits.ts';
import { Problem } from './problem.ts';

/** How often Node looks for requests that take too long, in ms. */
const LOOK_MS = 1_000;

/** What one listening server needs. */
export interface FrontOptions {
  readonly gate: Gate;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Takes the requests that the gate lets in. */
  route(request: IncomingMessage, response: ServerResponse): void;
  /** Told of each connection first. */
  onConnection(socket: Socket): void;
}

/** A server that bears only so much, and asks its gate about each request before anything else looks at it. */
export class Front {
  readonly server: Server;
  readonly #connections: Connections;
  readonly #clock: Clock;

  constructor({ gate, limits, clock, route, onConnection }: FrontOptions) {
    this.#clock = clock;
    this.#connections = new Connections(limits);
    const nextId = requestIds();
    this.server = createServer(serverOptions(limits), (request, response) => {
      // One that was refused may have sent a request all the same: nothing may come of it. Nor is a new one begun while we close.
      if (!this.#connections.has(request.socket) || !this.server.listening) return request.socket.destroy();
      const problem = gate(request);
      if (problem === null) return route(request, response);
      later(clock, problem.delayMs, () => refuse(request, response, problem, nextId(), clock));
    });
    this.server.timeout = limits.idleMs;
    this.server.on('connection', (socket) => {
      onConnection(socket);
      this.#connections.add(socket);
    });
    this.server.on('clientError', (error, socket) => answerBrokenRequest(error, socket as Socket, nextId()));
  }

  /** Takes no connection any more; cuts those that are still busy after `graceMs`. Resolves once none is left. */
  async close(graceMs: number): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeIdleConnections();
    const callOff = this.#clock.after(graceMs, () => this.#connections.destroy());
    await closed;
    callOff();
  }
}

function serverOptions(limits: Limits) {
  return {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, limits.headersMs),
    // The gate tells it with a body.
    requireHostHeader: false,
  };
}

function later(clock: Clock, ms: number, callback: () => void): void {
  if (ms === 0) callback();
  else clock.after(ms, callback);
}

/** What is not HTTP, or too much of it, or too slow. */
function answerBrokenRequest(error: Error, socket: Socket, requestId: string): void {
  if (!socket.writable || ('code' in error && error.code === 'ECONNRESET')) {
    socket.destroy();
    return;
  }
  const problem = brokenRequest(error);
  const text = JSON.stringify(errorBody(problem, requestId));
  const head = `HTTP/1.1 ${problem.status} ${problem.code}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`, () => socket.destroy());
}

function brokenRequest(error: Error): Problem {
  const code = 'code' in error ? error.code : '';
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Problem('headers-too-large', `the headers have more than ${HEADER_BYTES} bytes`);
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('timeout', 'the request took too long to arrive');
  return new Problem('bad-http', 'this is not a well-formed HTTP request');
}
