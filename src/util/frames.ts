/** The longest frame, in bytes; a longer one ends the connection. */
export const LONGEST_FRAME = 64 * 1024 * 1024;

/** Bytes that tell the length of a frame. */
const HEAD_BYTES = 4;

/** A frame that carries a text: its length (4 bytes, of what follows), then UTF-8. @throws when it would be too long */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > LONGEST_FRAME) throw new Error(`a message has at most ${LONGEST_FRAME} bytes, not ${length}`);
  const frame = Buffer.allocUnsafe(HEAD_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, HEAD_BYTES);
  return frame;
}

/** Cuts a stream of bytes into frames; each begins with the length of the rest, in 4 bytes. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #size = 0;
  /** How many bytes the next frame needs before it can be cut. */
  #needed = HEAD_BYTES;

  /** What the frames that `chunk` completes hold. @throws when one is too long */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    const frames: Buffer[] = [];
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    while (rest.length >= HEAD_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length > LONGEST_FRAME) throw new Error(`a frame of ${length} bytes`);
      this.#needed = HEAD_BYTES + length;
      if (rest.length < this.#needed) break;
      frames.push(rest.subarray(HEAD_BYTES, this.#needed));
      rest = rest.subarray(this.#needed);
      this.#needed = HEAD_BYTES;
    }
    this.#chunks = [rest];
    this.#size = rest.length;
    return frames;
  }
}
