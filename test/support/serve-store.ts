/** Serves the store of a folder, as the program does: `serve-store.ts FOLDER IDLE_MS`. */
import { EXIT_SERVED, READY } from '../../src/store/start-store.ts';
import { serveStore } from '../../src/store/store-server.ts';
import { systemClock } from '../../src/util/clock.ts';

const [folder = '', idleMs = '0'] = process.argv.slice(2);
const ready = () => process.stdout.write(READY);
const signal = new AbortController().signal;
const served = await serveStore({
  folder,
  clock: systemClock,
  idleMs: Number(idleMs),
  signal,
  ready,
  tidy: async () => {},
});
process.exitCode = served ? 0 : EXIT_SERVED;
