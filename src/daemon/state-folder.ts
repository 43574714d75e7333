import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../util/make-folder.ts';
import { readOrMake } from '../util/make-once.ts';

/** Where a daemon keeps what it knows; all paths absolute. */
export interface StateFolder {
  readonly path: string;
  /** The database of runs, firings and secrets. */
  readonly database: string;
  /** Results of tasks that may be used again. */
  readonly cache: string;
  /** The executor's own: its socket and the ends it has seen. */
  readonly executor: string;
  /** A folder for each run. */
  readonly runs: string;
  /** The secret that everything at rest is sealed with. */
  readonly keyFile: string;
  /** Another one that secrets are sealed with; there is none before the first `rekey`. */
  readonly secretKeyFile: string;
  readonly tokenFile: string;
  readonly instanceFile: string;
  readonly socket: string;
}

/** The name of the control socket in the state folder. */
export const SOCKET_NAME = 'runnerd.sock';

/**
 * Makes the state folder when it is missing, for this user only. Returns why it cannot be used: it cannot be made, belongs to another, or
 * others may write to it.
 */
export function openStateFolder(path: string): StateFolder | string {
  try {
    makeFolder(path);
  } catch (error) {
    return `the state folder cannot be made: ${error instanceof Error ? error.message : error}`;
  }
  const stats = lstatSync(`${path}/.`);
  if (stats.uid !== process.getuid?.()) return `the state folder ${path} belongs to another user (uid ${stats.uid})`;
  if ((stats.mode & 0o022) !== 0) return `others may write to the state folder ${path}; run: chmod 700 ${path}`;
  // Tasks of another user, that go on since the last daemon, must still find their way (task-user.ts).
  if ((stats.mode & 0o066) !== 0) chmodSync(path, 0o700);
  for (const name of ['runs', 'executor']) makeFolder(join(path, name));
  return {
    path,
    database: join(path, 'db'),
    cache: join(path, 'cache'),
    executor: join(path, 'executor'),
    runs: join(path, 'runs'),
    keyFile: join(path, 'key'),
    secretKeyFile: join(path, 'secret-key'),
    tokenFile: join(path, 'token'),
    instanceFile: join(path, 'instance'),
    socket: join(path, SOCKET_NAME),
  };
}

/** The token every TCP request must carry; made at the first start. The file holds it alone. @throws when it cannot be read */
export function readToken(file: string): string {
  const token = readMade(file, () => randomBytes(32).toString('base64url'));
  if (token.length < 16) throw new Error(`${file} holds no token; remove it to get a new one`);
  return token;
}

/** The mark of what this daemon makes outside its folder; made at the first start. @throws when it cannot be read */
export function readInstance(file: string): string {
  const instance = readMade(file, () => randomBytes(8).toString('hex'));
  if (!/^[0-9a-f]{16}$/.test(instance)) throw new Error(`${file} holds no mark; remove it to get a new one`);
  return instance;
}

/** The line a file holds, which is made whole unless it is there. */
function readMade(file: string, make: () => string): string {
  return readOrMake(file, () => `${make()}\n`)
    .toString()
    .trim();
}
