import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { DaemonSandbox, RunningDaemon } from '../../support/daemon.ts';
import type { Row } from '../report.ts';
import { executorOf, manyTasks, peakMb, runDuration, withSandbox } from './rig.ts';

/** A task that prints 1 GB; and many events while a client that follows them reads nothing. */
export async function benchLargeOutput(row: Row): Promise<void> {
  const command = `yes '${'x'.repeat(79)}' | head -c 1000000000 || true`;
  const printing = `taskGroup: [{ name: print, run: ${JSON.stringify(command)}, log: { max_size: 2GiB } }]\n`;
  for (const who of ['nobody', 'a client that does not read'] as const) {
    await withSandbox(async (sandbox) => {
      sandbox.write('large', printing);
      sandbox.write('many', manyTasks(1000));
      const daemon = await sandbox.start();
      const deaf = who === 'nobody' ? null : await deafClient(daemon, sandbox);
      const note = deaf === null ? '' : ', a client follows and does not read';
      const peaks = await peakMb([daemon.pid, executorOf(sandbox)], async () => {
        if (deaf) for (let round = 0; round < 5; round++) await runDuration(daemon, 'many');
        row(
          `1 GB of output through the daemon${note}, MB/s`,
          1_000_000 / (await runDuration(daemon, 'large')),
          '≥ 250',
        );
      });
      deaf?.destroy();
      row(`daemon meanwhile${note}, peak MB`, peaks[0] ?? Number.NaN, 'flat');
      row(`executor meanwhile${note}, peak MB`, peaks[1] ?? Number.NaN, 'flat');
    });
  }
}

/** Follows the events and takes nothing from the line but the beginning. */
async function deafClient(daemon: RunningDaemon, sandbox: DaemonSandbox): Promise<Socket> {
  const { host, hostname, port } = new URL(daemon.address);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${sandbox.token}\r\n\r\n`);
  const [head] = await once(socket, 'data');
  if (!String(head).startsWith('HTTP/1.1 200')) throw new Error(String(head));
  return socket.pause();
}
