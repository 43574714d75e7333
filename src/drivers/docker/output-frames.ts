import type { Readable } from 'node:stream';
import type { DriverIO, Stream } from '../../model/ports.ts';
import { asEngineError } from './engine-client.ts';

/** How many bytes of each stream have been handed over. */
export type StreamBytes = Record<Stream, number>;

/**
 * Hands over what a container writes, to the end, and never faster than it is taken. The first `skip` bytes of each stream, which
 * were handed over before, are left out. `handed` counts what was handed over.
 */
export async function passOutput(
  source: Readable,
  io: Pick<DriverIO, 'write'>,
  skip: Readonly<StreamBytes>,
  handed: StreamBytes,
): Promise<void> {
  const frames = new FrameReader();
  const left = { ...skip };
  for await (const chunk of chunksOf(source)) {
    for (const { stream, bytes } of frames.push(chunk)) {
      const known = Math.min(left[stream], bytes.length);
      left[stream] -= known;
      const fresh = bytes.subarray(known);
      if (fresh.length === 0) continue;
      handed[stream] += fresh.length;
      const taking = io.write(stream, fresh);
      if (taking !== undefined) await taking;
    }
  }
}

/** Some bytes of one stream. */
export interface StreamPiece {
  readonly stream: Stream;
  readonly bytes: Uint8Array;
}

const HEADER_BYTES = 8;

/** Tells the streams apart: each frame has a header of the stream's number, three zeros, and its length in big-endian. */
export class FrameReader {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerFilled = 0;
  #stream: Stream = 'stdout';
  #left = 0;

  /** The pieces in the next bytes, which may begin and end anywhere. */
  *push(chunk: Buffer): Generator<StreamPiece, void> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const bytes = chunk.subarray(at, at + this.#left);
        this.#left -= bytes.length;
        at += bytes.length;
        yield { stream: this.#stream, bytes };
      } else {
        const copied = chunk.copy(this.#header, this.#headerFilled, at, at + HEADER_BYTES - this.#headerFilled);
        this.#headerFilled += copied;
        at += copied;
        if (this.#headerFilled === HEADER_BYTES) this.#begin();
      }
    }
  }

  #begin(): void {
    this.#headerFilled = 0;
    this.#stream = this.#header[0] === 2 ? 'stderr' : 'stdout';
    this.#left = this.#header.readUInt32BE(4);
  }
}

async function* chunksOf(source: Readable): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of source) yield chunk;
  } catch (error) {
    throw asEngineError(error);
  }
}
