/** The daemon's server with nothing behind it: a delivery is taken in, checked, parsed and answered, and kept nowhere. */
import { Metrics } from '../../../src/server/metrics.ts';
import { startServer } from '../../../src/server/start-server.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { readPayload } from '../../../src/util/delivery-check.ts';
import { MemoryControl } from '../../support/memory-control.ts';

const [secret = '', socketPath = ''] = process.argv.slice(2);
const control = new MemoryControl();
control.deliverWith = async () => ({ outcome: 'accepted', runs: [], decisions: [] });
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const server = await startServer({
  control,
  listen: { host: '127.0.0.1', port: 0 },
  socketPath,
  token: 'of no use here',
  hostNames: [],
  github: { secrets: [secret] },
  clock: systemClock,
  log: silent,
  metrics: new Metrics(),
  version: '0',
  parseBody: (bytes) => {
    const { payload, problem } = readPayload(bytes);
    return problem ?? payload;
  },
});
process.stdout.write(`${server.address}\n`);
