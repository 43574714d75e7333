import { FrameSplitter, LONGEST_FRAME } from '../util/frames.ts';

/**
 * The language between a store process and its clients: each side sends the greeting, then frames. A frame is its length (4
 * bytes, what follows), the number of its request (4), what it is (1), then fields, each a length (4) and bytes.
 */
export interface Frame {
  readonly id: number;
  readonly op: Op;
  readonly fields: readonly Uint8Array[];
}

/** What a frame is. Requests: `release` has no answer and names the request that took the lease. Answers: `done`, `failed`. */
export const OP = { done: 0, failed: 1, get: 2, put: 3, delete: 4, page: 5, lease: 6, release: 7 } as const;

/** See `OP`. */
export type Op = (typeof OP)[keyof typeof OP];

/** What both sides say first. Another version of the language has another number, at the same length. */
export const GREETING = Buffer.from('runner-store 001\n');

/** The bytes of a frame. @throws when they would be more than `LONGEST_FRAME`. */
export function encodeFrame({ id, op, fields }: Frame): Buffer {
  const length = 5 + fields.reduce((sum, field) => sum + 4 + field.length, 0);
  if (length > LONGEST_FRAME) throw new Error(`the store takes at most ${LONGEST_FRAME} bytes at once, not ${length}`);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(id, 4);
  frame.writeUInt8(op, 8);
  let offset = 9;
  for (const field of fields) {
    offset = frame.writeUInt32BE(field.length, offset);
    frame.set(field, offset);
    offset += field.length;
  }
  return frame;
}

/** Cuts what arrives on a connection into frames, after the greeting. */
export class FrameReader {
  readonly #splitter = new FrameSplitter();
  /** What came of the greeting so far; null once it is complete. */
  #greeting: Buffer | null = Buffer.alloc(0);

  /** True once the other side has greeted us in our language. */
  get greeted(): boolean {
    return this.#greeting === null;
  }

  /** The frames that `chunk` completes. @throws when the other side speaks another language, or a frame is out of shape. */
  push(chunk: Buffer): Frame[] {
    return this.#splitter.push(this.#afterGreeting(chunk)).map(decodeFrame);
  }

  #afterGreeting(chunk: Buffer): Buffer {
    if (this.#greeting === null) return chunk;
    const bytes = Buffer.concat([this.#greeting, chunk]);
    this.#greeting = bytes;
    if (bytes.length < GREETING.length) return Buffer.alloc(0);
    if (!bytes.subarray(0, GREETING.length).equals(GREETING)) {
      throw new Error('the store is served by another version of this program; it ends when it is idle');
    }
    this.#greeting = null;
    return bytes.subarray(GREETING.length);
  }
}

function decodeFrame(bytes: Buffer): Frame {
  if (bytes.length < 5) throw new Error(`a frame of ${bytes.length} bytes`);
  const op = OPS[bytes.readUInt8(4)];
  if (op === undefined) throw new Error('a frame of an unknown kind');
  const fields: Uint8Array[] = [];
  for (let offset = 5; offset < bytes.length; ) {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) throw new Error('a field that is longer than its frame');
    fields.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return { id: bytes.readUInt32BE(0), op, fields };
}

const OPS: readonly Op[] = Object.values(OP).sort((a, b) => a - b);
