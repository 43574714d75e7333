import { inspect } from 'node:util';
import { EXIT_BUG } from '../cli/exit-code.ts';
import { processIO } from '../cli/process-io.ts';
import { runnerd } from '../cli/runnerd.ts';

// A daemon that met a mistake of its own ends, and is started again: what is durable is consistent at any moment.
for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(fault, (error) => {
    process.stderr.write(`runnerd: internal error\n${inspect(error)}\n`);
    process.exit(EXIT_BUG);
  });
}

runnerd(process.argv.slice(2), processIO()).then((code) => {
  process.exit(code);
});
