import { main } from '../cli/main.ts';
import { processIO } from '../cli/process-io.ts';

main(process.argv.slice(2), processIO()).then((code) => {
  process.exitCode = code;
});
