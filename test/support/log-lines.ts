/** Writes a hundred lines as a daemon does, then dies without any warning. */
import { createLog, openLogOutput } from '../../src/daemon-log.ts';
import { systemClock } from '../../src/util/clock.ts';

const output = openLogOutput(1, () => undefined);
const log = createLog({ output, level: 'info', mask: (text) => text, clock: systemClock });
for (let line = 1; line <= 100; line++) log.info({ line }, 'a line');
process.kill(process.pid, 'SIGKILL');
