import { request } from 'node:http';
import { basename, dirname } from 'node:path';
import { socketPlace } from '../util/socket-place.ts';

/** How long a daemon may take to answer, in ms. */
const PATIENCE_MS = 1_000;

/** The pid of the daemon that answers on a control socket, or null when none does. */
export function findDaemon(socket: string): Promise<number | null> {
  const place = socketPlace(dirname(socket), basename(socket));
  return new Promise((resolve) => {
    const give = (pid: number | null): void => {
      place.close();
      resolve(pid);
    };
    const asked = request(
      { socketPath: place.path, path: '/api/v1/status', headers: { host: 'localhost' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => give(pidIn(text)));
      },
    );
    asked.setTimeout(PATIENCE_MS, () => asked.destroy());
    asked.on('error', () => give(null));
    asked.end();
  });
}

function pidIn(text: string): number | null {
  return Number(/"pid":(\d+)/.exec(text)?.[1] ?? Number.NaN) || null;
}
