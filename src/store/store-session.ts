import type { Socket } from 'node:net';
import type { ResultStore } from '../model/store.ts';
import { encodeFrame, type Frame, FrameReader, GREETING, OP } from './wire.ts';

/** Bytes after which a page of a list is full. */
const PAGE_BYTES = 1024 * 1024;

/** One client of a store process: answers its requests, and gives up its leases when it is gone. */
export class StoreSession {
  readonly #store: ResultStore;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  /** By the request that asked for a lease: the way to give it back, or to stop waiting for it. */
  readonly #leases = new Map<number, () => void>();

  constructor(store: ResultStore, socket: Socket) {
    this.#store = store;
    this.#socket = socket;
    socket.write(GREETING);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const giveBack of this.#leases.values()) giveBack();
    });
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) void this.#serve(frame);
    } catch {
      this.#socket.destroy();
    }
  }

  async #serve(frame: Frame): Promise<void> {
    if (frame.op === OP.release) return this.#release(frame.id);
    try {
      this.#answer({ id: frame.id, op: OP.done, fields: await this.#do(frame) });
    } catch (error) {
      const message = Buffer.from(error instanceof Error ? error.message : String(error));
      this.#answer({ id: frame.id, op: OP.failed, fields: [message] });
    }
  }

  #answer(frame: Frame): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeFrame(frame));
  }

  async #do({ id, op, fields }: Frame): Promise<readonly Uint8Array[]> {
    const [first = new Uint8Array(), second] = fields;
    switch (op) {
      case OP.get: {
        const value = await this.#store.get(first);
        return value === null ? [] : [value];
      }
      case OP.put:
        await this.#store.put(pairs(fields));
        return [];
      case OP.delete:
        await this.#store.delete(fields);
        return [];
      case OP.page:
        return this.#page(first, second);
      case OP.lease:
        await this.#lease(id, first);
        return [];
      default:
        throw new Error(`not a request: ${op}`);
    }
  }

  /** Keys and values in turn; none when the list is over. */
  async #page(prefix: Uint8Array, after: Uint8Array | undefined): Promise<readonly Uint8Array[]> {
    const fields: Uint8Array[] = [];
    let size = 0;
    for await (const { key, value } of this.#store.list(prefix, after)) {
      fields.push(key, value);
      size += key.length + value.length;
      if (size >= PAGE_BYTES) break;
    }
    return fields;
  }

  async #lease(id: number, key: Uint8Array): Promise<void> {
    const waiting = new AbortController();
    this.#leases.set(id, () => waiting.abort(new Error('no longer wanted')));
    const lease = await this.#store.lease(key, waiting.signal);
    if (waiting.signal.aborted) lease.release();
    else this.#leases.set(id, () => lease.release());
  }

  #release(id: number): void {
    this.#leases.get(id)?.();
    this.#leases.delete(id);
  }
}

function pairs(fields: readonly Uint8Array[]): { key: Uint8Array; value: Uint8Array }[] {
  const entries: { key: Uint8Array; value: Uint8Array }[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [key, value] = fields.slice(index, index + 2);
    if (key && value) entries.push({ key, value });
  }
  return entries;
}
