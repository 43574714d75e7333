import { closeSync, openSync } from 'node:fs';
import { closeInherited } from '../../src/executor/descriptors.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
import { FakeClock } from './fake-clock.ts';
import { WatchedIO } from './watched-io.ts';

/** Runs one command through a spawner and prints its end as JSON: `FAST_AFTER=N spawn-probe.ts MODE FIFO_DIR COMMAND…`. */
const [mode, fifoDir = '', ...argv] = process.argv.slice(2);
const [command = '', ...rest] = argv;
const waits: number[] = [];
const held: number[] = [];

/** Time flies: every wait is over at once; after the second one, `release` frees what `hoard` took. */
class HastyClock extends FakeClock {
  override after(ms: number, callback: () => void): () => void {
    if (ms < 50) return super.after(ms, callback);
    if (ms < 5_000) waits.push(ms);
    if (mode === 'release' && waits.length === 2) for (const descriptor of held.splice(0)) closeSync(descriptor);
    if (ms < 5_000) setImmediate(callback);
    return () => {};
  }
}

if (mode !== 'keep') closeInherited();
const fastAfter = Number(process.env.FAST_AFTER ?? Number.POSITIVE_INFINITY);
const spawner = createSpawner({ fifoDir, clock: new HastyClock(), handles: false, fastAfter });
const io = new WatchedIO();
const task = { argv: [command, ...rest], env: { PATH: process.env.PATH ?? '' }, cwd: '/', mark: 'PROBE=1' } as const;
if (mode === 'hoard' || mode === 'release') hoard();
const exit = await spawner.run({ ...task, argv: [command, ...rest] }, io);
for (const descriptor of held.splice(0)) closeSync(descriptor);
process.stdout.write(JSON.stringify({ exit, stdout: io.stdout, waits }));

function hoard(): void {
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch {
    // All descriptors are taken now, as intended.
  }
}
