import type { IncomingMessage } from 'node:http';
import { Problem } from '../problem.ts';
import { addressOf } from './connections.ts';
import type { TokenGuard } from './token-guard.ts';

/** Paths that need no token. Compared as they were sent, before anything decodes them. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/webhooks/github']);

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/;

/** Decides who gets as far as the routes. Null lets a request in. */
export type Gate = (request: IncomingMessage) => Problem | null;

/** The gate of TCP: path, host, origin and token, in this order, whatever route is meant. */
export function tcpGate(hostNames: readonly string[], guard: TokenGuard): Gate {
  const names = new Set([...LOOPBACK_NAMES, ...hostNames.map((name) => name.toLowerCase())]);
  return (request) =>
    pathProblem(request) ??
    hostProblem(request, names) ??
    originProblem(request) ??
    (OPEN_PATHS.has(pathOf(request)) ? null : guard.check(request.headers.authorization, addressOf(request.socket)));
}

/** The gate of the unix socket, which the file's mode guards. */
export function socketGate(): Gate {
  return (request) => pathProblem(request) ?? originProblem(request);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').replace(/\?.*$/s, '');
}

/** Whole URLs (`GET http://…`), `*` and the like name no path of ours. */
function pathProblem(request: IncomingMessage): Problem | null {
  const path = pathOf(request);
  if (!path.startsWith('/')) return new Problem('bad-path', 'the path of a request begins with /');
  if (path.startsWith('//')) return new Problem('bad-path', 'the path of a request begins with one /');
  return null;
}

/** A page of another host that resolves to this machine must not get anything, not even by reading. */
function hostProblem(request: IncomingMessage, names: ReadonlySet<string>): Problem | null {
  const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  const name = HOST.exec(request.headers.host ?? '')?.[1];
  if (hosts !== 1 || name === undefined)
    return new Problem('bad-host', 'one Host header is needed, a name and maybe a port');
  if (names.has(name.toLowerCase())) return null;
  return new Problem('wrong-host', 'this host name is not one of this daemon; its config can allow it');
}

/** Only pages of this very server may send requests from a browser. */
function originProblem(request: IncomingMessage): Problem | null {
  const { origin, host } = request.headers;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return null;
  return new Problem('foreign-origin', 'requests from pages of other origins are refused');
}
