import { chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { socketPlace } from '../util/socket-place.ts';

/** Listens on TCP and resolves with the URL. Rejects with the system's error, such as EADDRINUSE. */
export async function listenOnTcp(server: Server, host: string, port: number): Promise<string> {
  await listening(server, () => server.listen({ host, port }));
  const { address, family, port: bound } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}

/**
 * Listens on a unix socket that only its owner can reach, and resolves with the way to take it away. Bound under a name of its
 * own and then renamed: a socket of a dead daemon is replaced, and one that can be found always answers and is always private.
 */
export async function listenOnSocket(server: Server, path: string): Promise<() => void> {
  const folder = dirname(path);
  const own = `${basename(path)}.${process.pid}`;
  rmSync(join(folder, own), { force: true });
  const place = socketPlace(folder, own);
  try {
    await listening(server, () => server.listen(place.path));
  } finally {
    place.close();
  }
  chmodSync(join(folder, own), 0o600);
  renameSync(join(folder, own), path);
  const { ino } = statSync(path);
  return () => {
    if (statSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true });
  };
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listen();
  });
}
