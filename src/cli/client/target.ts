import { join } from 'node:path';
import { DAEMON_SOCKET, daemonStateDir } from '../../util/daemon-state-dir.ts';
import type { CliIO } from '../io.ts';
import { UsageError } from './daemon-error.ts';

/** Where a daemon listens: a socket in its state directory, or an address with the token for it. */
export type Target =
  | { readonly kind: 'socket'; readonly folder: string }
  | { readonly kind: 'address'; readonly url: URL; readonly token: string | null };

/** What the command line may say about that. */
export interface TargetOptions {
  readonly host: string | undefined;
  readonly stateDir: string | undefined;
}

/** The port of a daemon that was told no other. */
const USUAL_PORT = 8420;

/** A URL does not tell a port that is usual for its scheme from none. */
const NAMES_PORT = /^(\[[^\]]*\]|[^:/]*):\d/;

/** Finds out whom to ask: options first, then the environment, then the usual state directory. @throws {UsageError} */
export function findTarget({ host, stateDir }: TargetOptions, { env, cwd }: Pick<CliIO, 'env' | 'cwd'>): Target {
  if (host !== undefined && stateDir !== undefined) throw new UsageError('--host and --state-dir name two daemons');
  const named = host ?? (stateDir === undefined ? env.RUNNER_HOST : undefined);
  if (!named) return { kind: 'socket', folder: daemonStateDir(stateDir, env, cwd) };
  const from = host === undefined ? 'RUNNER_HOST' : '--host';
  return { kind: 'address', url: parseHost(named, from), token: parseToken(env.RUNNER_TOKEN) };
}

/** The target as messages name it. */
export function targetName(target: Target): string {
  return target.kind === 'socket' ? join(target.folder, DAEMON_SOCKET) : target.url.origin;
}

function parseHost(text: string, from: string): URL {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = URL.parse(hasScheme ? text : `http://${text}`);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new UsageError(`${from} "${text}": expected an address such as http://127.0.0.1:${USUAL_PORT}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(`${from}: the token belongs into the variable RUNNER_TOKEN, not into the address`);
  }
  if (!hasScheme && !NAMES_PORT.test(text)) url.port = String(USUAL_PORT);
  return url;
}

function parseToken(text: string | undefined): string | null {
  const token = text?.trim() ?? '';
  if (!/^[\x21-\x7e]*$/.test(token)) throw new UsageError('RUNNER_TOKEN holds characters that no token has');
  return token === '' ? null : token;
}
