import type { Readable } from 'node:stream';
import { Problem } from '../problem.ts';

/** The whole body; `length` is what the sender says, and HTTP holds it to that. Rejects with a `Problem` at the first byte beyond `limit`, and when the client goes away before the end. */
export function readBody(stream: Readable, limit: number, length?: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // In one piece from the beginning where the length is known: joining pieces takes the room twice.
    const whole = length === undefined ? null : Buffer.allocUnsafeSlow(Math.min(length, limit));
    const take = (chunk: Buffer): void => {
      const at = size;
      size += chunk.length;
      if (size > limit) stop(new Problem('too-large', `the body has more than ${limit} bytes`));
      else if (whole) chunk.copy(whole, at);
      else chunks.push(chunk);
    };
    const stop = (problem: Problem): void => {
      stream.off('data', take);
      chunks.length = 0;
      reject(problem);
    };
    const cut = (): void => stop(new Problem('bad-http', 'the body ended too early'));
    if (stream.destroyed) return cut();
    // The stream goes on to hold its listeners, and these would hold the body.
    const finish = (): void => {
      stream.off('data', take).off('error', cut).off('close', cut).on('error', ignore);
      resolve(whole ? whole.subarray(0, size) : Buffer.concat(chunks, size));
    };
    stream.on('data', take).once('end', finish);
    stream.once('error', cut).once('close', cut);
  });
}

/** What goes wrong with a stream that was read to its end concerns nobody. */
function ignore(): void {}
