import { connect, type Socket } from 'node:net';
import type { Clock } from '../model/ports.ts';
import type { Lease } from '../model/store.ts';
import { once } from '../util/once.ts';
import { socketPlace } from '../util/socket-place.ts';
import { encodeFrame, type Frame, FrameReader, GREETING, OP, type Op } from './wire.ts';

/** The name of the socket in the folder of a store. */
export const SOCKET_NAME = 'socket';

/** How long a store may take to answer, in ms; a lease may take any time. */
const PATIENCE_MS = 20_000;

/** Nobody serves the store, or whoever did is gone: another try may find it served again. */
export class StoreGone extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreGone';
  }
}

interface Pending {
  readonly resolve: (fields: readonly Uint8Array[]) => void;
  readonly reject: (error: Error) => void;
}

/** A line to a store process. */
export class StoreConnection {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #reader = new FrameReader();
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #failure: Error | null = null;

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /** Reaches the store process of a folder. @throws {StoreGone} when there is none */
  static async open(folder: string, clock: Clock): Promise<StoreConnection> {
    const socket = await reach(folder);
    const connection = new StoreConnection(socket, clock);
    await connection.#greet();
    return connection;
  }

  /** Whether it can still be used. */
  get usable(): boolean {
    return this.#failure === null;
  }

  /** Asks and waits for the answer. @throws {StoreGone} when the process goes away meanwhile */
  async request(op: Op, fields: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const { answer } = this.#send(op, fields);
    const callOff = this.#clock.after(PATIENCE_MS, () => this.#fail(new Error('the store does not answer')));
    return answer.finally(callOff);
  }

  /** Waits for a lease. Rejects with the signal's reason when that aborts first. */
  async lease(key: Uint8Array, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    const { id, answer } = this.#send(OP.lease, [key]);
    const release = (): void => this.#release(id);
    signal.addEventListener('abort', release, { once: true });
    try {
      await answer;
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', release);
    }
    signal.throwIfAborted();
    return { release: once(release) };
  }

  close(): void {
    this.#fail(new StoreGone('the line to the store was closed'));
  }

  #greet(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.on('data', (chunk: Buffer) => {
        this.#read(chunk);
        if (this.#reader.greeted) resolve();
      });
      const gone = (cause?: Error): void => {
        this.#fail(new StoreGone('the store process went away', { cause }));
        reject(this.#failure);
      };
      this.#socket.on('error', gone);
      this.#socket.on('close', () => gone());
      this.#socket.write(GREETING);
    });
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#settle(frame);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #settle({ id, op, fields }: Frame): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (op === OP.done) pending?.resolve(fields);
    else pending?.reject(new Error(Buffer.from(fields[0] ?? []).toString()));
  }

  #send(
    op: Op,
    fields: readonly Uint8Array[],
  ): { readonly id: number; readonly answer: Promise<readonly Uint8Array[]> } {
    if (this.#failure) throw this.#failure;
    const id = this.#nextId++;
    const frame = encodeFrame({ id, op, fields });
    const answer = new Promise<readonly Uint8Array[]>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#socket.write(frame);
    return { id, answer };
  }

  #release(id: number): void {
    if (!this.#failure) this.#socket.write(encodeFrame({ id, op: OP.release, fields: [] }));
  }

  /** The first failure ends the line and all that waits on it. */
  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#socket.destroy();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function reach(folder: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const gone = (cause: unknown): void => reject(new StoreGone('no store process answers', { cause }));
    try {
      const place = socketPlace(folder, SOCKET_NAME);
      const socket = connect(place.path);
      socket.once('connect', () => {
        place.close();
        socket.off('error', gone);
        resolve(socket);
      });
      socket.once('error', (error) => {
        place.close();
        gone(error);
      });
    } catch (error) {
      gone(error);
    }
  });
}
