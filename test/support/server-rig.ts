import { createHmac, randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock } from '../../src/model/ports.ts';
import type { Limits } from '../../src/server/limits.ts';
import { Metrics } from '../../src/server/metrics.ts';
import { type RunningServer, startServer } from '../../src/server/start-server.ts';
import { systemClock } from '../../src/util/clock.ts';
import { readPayload } from '../../src/util/delivery-check.ts';
import { MemoryControl } from './memory-control.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const TOKEN = 'the-token-of-this-test-0123456789';
export const SECRET = 'a-webhook-secret-of-enough-length';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The parsed body; undefined when it is none. */
  readonly json: unknown;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
  /** Over the unix socket instead of TCP. */
  readonly local?: boolean;
  /** The token that is shown; null shows none. */
  readonly token?: string | null;
}

export interface ServerRig {
  readonly control: MemoryControl;
  readonly metrics: Metrics;
  readonly server: RunningServer;
  readonly port: number;
  readonly socketPath: string;
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[];
  ask(path: string, ask?: Ask): Promise<Reply>;
  /** A delivery as GitHub sends it; headers given here win, an empty one is left out. */
  deliver(body: string | Uint8Array, headers?: Readonly<Record<string, string>>, event?: string): Promise<Reply>;
  /** A raw connection that sends this; what comes back until its end. */
  raw(...chunks: (string | Uint8Array)[]): Promise<string>;
  socket(): Socket;
}

export interface RigOptions {
  readonly limits?: Partial<Limits>;
  readonly secrets?: readonly string[] | null;
  readonly clock?: Clock;
}

/** A real server on loopback and on a unix socket, in front of a daemon in memory. Closed after the test. */
export async function serverRig(t: TestContext, options: RigOptions = {}): Promise<ServerRig> {
  const control = new MemoryControl();
  const metrics = new Metrics();
  const logged: ServerRig['logged'] = [];
  const log = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message });
  const socketPath = join(temporaryFolder(t), 'runnerd.sock');
  const { secrets = [SECRET] } = options;
  const server = await startServer({
    control,
    metrics,
    socketPath,
    listen: { host: '127.0.0.1', port: 0 },
    token: TOKEN,
    hostNames: ['runner.example'],
    github: secrets && { secrets },
    clock: options.clock ?? systemClock,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    version: '0.1.0',
    parseBody: (bytes) => {
      const { payload, problem } = readPayload(bytes);
      return payload ?? problem ?? '';
    },
    ...(options.limits && { limits: options.limits }),
  });
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close();
  });
  const port = Number(new URL(server.address ?? '').port);
  const socket = (): Socket => {
    const opened = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(opened);
    return opened;
  };
  return {
    control,
    metrics,
    server,
    port,
    socketPath,
    logged,
    socket,
    ask: (path, ask = {}) => send({ path, port, socketPath, ...ask }),
    deliver: (body, headers = {}, event = 'push') =>
      send({ path: '/webhooks/github', port, socketPath, ...delivery(body, headers, event) }),
    raw: (...chunks) => converse(socket(), chunks),
  };
}

/** The signature of a body. */
export function signatureOf(body: string | Uint8Array, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function delivery(body: string | Uint8Array, headers: Readonly<Record<string, string>>, event: string): Ask {
  const all: Record<string, string> = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': signatureOf(body),
    ...headers,
  };
  const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  return { method: 'POST', body, headers: kept, token: null };
}

function send(ask: Ask & { path: string; port: number; socketPath: string }): Promise<Reply> {
  const { path, method = 'GET', token = ask.local ? null : TOKEN } = ask;
  const headers = { ...(token !== null && { authorization: `Bearer ${token}` }), ...ask.headers };
  const place = ask.local ? { socketPath: ask.socketPath } : { port: ask.port, host: '127.0.0.1' };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...place, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          text: String(bytes),
          json: jsonOf(bytes),
        });
      });
    });
    request.on('error', reject);
    request.end(ask.body);
  });
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(String(bytes));
  } catch {
    return undefined;
  }
}

function converse(socket: Socket, chunks: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('close', () => resolve(text));
    for (const chunk of chunks) socket.write(chunk);
  });
}
