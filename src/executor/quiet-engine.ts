import { setFlagsFromString } from 'node:v8';

/**
 * Makes this process quick to fork from. V8's optimising compiler works in threads of its own, whose memory traffic a fork has
 * to wait for: it made 1.24 ms of what takes 0.75. With a larger budget only what is really hot, such as masking much output,
 * is still optimised. A small young generation leaves a fork less to copy. To be called before
 * the program is loaded: what has run before keeps its budget. Loading 10,000 tasks takes 0.6 s longer, running them 5 s less.
 */
export function quietEngine(): void {
  setFlagsFromString('--interrupt-budget=10000000');
  setFlagsFromString('--max-semi-space-size=2');
}
