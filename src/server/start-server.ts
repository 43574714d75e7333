import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller, Control } from '../model/control.ts';
import type { Log } from '../model/log.ts';
import type { Clock } from '../model/ports.ts';
import { createApp } from './app.ts';
import { EventRing } from './events/event-ring.ts';
import { Front } from './front.ts';
import { addressOf } from './http/connections.ts';
import { type Gate, socketGate, tcpGate } from './http/gate.ts';
import { TokenGuard } from './http/token-guard.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { listenOnSocket, listenOnTcp } from './listen.ts';
import type { Metrics } from './metrics.ts';
import type { Route } from './route.ts';
import { auditRoutes } from './routes/audit.ts';
import { daemonRoutes } from './routes/daemon.ts';
import { eventRoutes } from './routes/events.ts';
import { firingRoutes } from './routes/firings.ts';
import { healthRoutes } from './routes/health.ts';
import { runRoutes } from './routes/runs.ts';
import { secretRoutes } from './routes/secrets.ts';
import { taskRoutes } from './routes/tasks.ts';
import { workflowRoutes } from './routes/workflows.ts';
import { Receiver } from './webhook/receive.ts';

/** How long requests under way may go on when the server closes, in ms. */
const CLOSE_GRACE_MS = 2_000;

/** What the server takes from outside. */
export interface ServerOptions {
  readonly control: Control;
  /** Null listens on the socket only. Port 0 is any free one. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Absolute path of the unix socket; its folder exists. */
  readonly socketPath: string;
  /** What every request over TCP must show. */
  readonly token: string;
  /** Names, besides those of loopback, under which this server may be addressed. */
  readonly hostNames: readonly string[];
  /** Secrets that sign deliveries, one or (while they change) two; null turns the webhook off. */
  readonly github: { readonly secrets: readonly string[] } | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly version: string;
  readonly limits?: Partial<Limits>;
}

/** A server that listens. */
export interface RunningServer {
  /** `http://HOST:PORT`, or null when it listens on the socket only. */
  readonly address: string | null;
  /** Takes nothing new, lets what is under way end for a moment, then cuts it. */
  close(): Promise<void>;
}

/** Serves a `Control` over HTTP. Rejects with the system's error when it cannot listen; then nothing is left open. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { control, clock, listen } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const callers = new Callers();
  const ring = new EventRing(clock.now().toString(36), limits.keptEvents);
  const closing = new AbortController();
  const routes = allRoutes(options, ring, limits, closing.signal);
  const app = await createApp({
    ...options,
    routes,
    receiver: createReceiver(options, limits),
    bodyLimit: limits.apiBody,
    callerOf: (request) => callers.of(request),
  });
  const front = (gate: Gate, actor: Caller['actor'], bounds: Limits): Front =>
    new Front({
      gate,
      limits: bounds,
      clock,
      route: (request: IncomingMessage, response: ServerResponse) => app.routing(request, response),
      onConnection: (socket) => callers.note(socket, actor),
    });
  const tcp = front(tcpGate(hostNamesOf(options), new TokenGuard(options.token, clock)), 'api', limits);
  const local = front(socketGate(), 'cli', forOwner(limits));
  const unsubscribe = control.subscribe((event) => ring.add(event));
  const end = async (): Promise<void> => {
    closing.abort();
    await Promise.all([tcp.close(CLOSE_GRACE_MS), local.close(CLOSE_GRACE_MS)]);
    unsubscribe();
    await app.close();
  };
  let ending: Promise<void> | null = null;
  const endOnce = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  try {
    const address = listen && (await listenOnTcp(tcp.server, listen.host, listen.port));
    const removeSocket = await listenOnSocket(local.server, options.socketPath);
    const close = (): Promise<void> => {
      removeSocket();
      return endOnce();
    };
    return { address, close };
  } catch (error) {
    await endOnce();
    throw error;
  }
}

function allRoutes(
  { control, clock, metrics }: ServerOptions,
  ring: EventRing,
  { streams }: Limits,
  closing: AbortSignal,
): readonly Route[] {
  return [
    ...workflowRoutes(control),
    ...runRoutes(control),
    ...taskRoutes(control),
    ...firingRoutes(control),
    ...auditRoutes(control),
    ...secretRoutes(control),
    ...daemonRoutes(control),
    ...eventRoutes({ ring, clock, metrics, most: streams, closing }),
    ...healthRoutes(control, metrics),
  ];
}

function createReceiver(options: ServerOptions, limits: Limits): Receiver {
  const secrets = options.github?.secrets ?? null;
  return new Receiver({ ...options, secrets, bodyLimit: limits.webhookBody, atOnce: limits.deliveries });
}

/** The socket has no addresses, and whoever may open it may also ask for what takes long, such as a backup. */
function forOwner(limits: Limits): Limits {
  return { ...limits, connectionsPerAddress: limits.connections, idleMs: 0 };
}

/** The name it listens under is one of its own, but for those that stand for every address. */
function hostNamesOf({ hostNames, listen }: ServerOptions): readonly string[] {
  if (listen === null || listen.host === '0.0.0.0' || listen.host === '::') return hostNames;
  return [...hostNames, listen.host.includes(':') ? `[${listen.host}]` : listen.host];
}

/** Who is at the other end of each connection, for the audit trail. */
class Callers {
  readonly #known = new WeakMap<Socket, Caller>();

  note(socket: Socket, actor: Caller['actor']): void {
    this.#known.set(socket, { actor, address: addressOf(socket) || 'socket' });
  }

  of(request: IncomingMessage): Caller {
    const caller = this.#known.get(request.socket);
    if (caller === undefined) throw new Error('Internal error: a request over a connection that nobody noted');
    return caller;
  }
}
