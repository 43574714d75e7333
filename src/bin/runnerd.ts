import { runnerd } from '../cli/runnerd.ts';

runnerd(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
