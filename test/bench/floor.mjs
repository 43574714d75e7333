// The floor of the task benches: a bare loop that spawns /bin/true COUNT times, WIDTH at a time, with pipes, and reads
// both streams to their end. Prints milliseconds for the loop alone.
import { spawn } from 'node:child_process';

const [count, width] = process.argv.slice(2).map(Number);
let started = 0;
let ended = 0;
const begin = performance.now();

await new Promise((resolve) => {
  const next = () => {
    if (started === count) return;
    started += 1;
    const child = spawn('/bin/true', [], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    child.on('close', () => {
      ended += 1;
      if (ended === count) resolve();
      else next();
    });
  };
  for (let slot = 0; slot < width; slot += 1) next();
});
console.log(performance.now() - begin);
