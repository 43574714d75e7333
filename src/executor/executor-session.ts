import type { Socket } from 'node:net';
import { FrameSplitter } from '../util/frames.ts';
import { decodeRequest, encode, type Message, type Request, VERSION } from './protocol.ts';
import type { TaskTable } from './task-table.ts';

/** One client of an executor. Its tasks go on when it is gone. */
export class ExecutorSession {
  readonly #socket: Socket;
  readonly #tasks: TaskTable;
  readonly #stop: (graceMs: number) => void;
  readonly #splitter = new FrameSplitter();
  readonly #tell = (message: Message): void => this.send(message);

  constructor(socket: Socket, tasks: TaskTable, stop: (graceMs: number) => void) {
    this.#socket = socket;
    this.#tasks = tasks;
    this.#stop = stop;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
  }

  /** Does nothing when the client is gone. */
  send(message: Message): void {
    if (this.#socket.writable) this.#socket.write(encode(message));
  }

  /** Closes the line; resolves once everything that was sent is on its way, or the client is gone. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(resolve));
  }

  /** What makes no sense ends the line; the client comes back and asks again. */
  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#splitter.push(chunk)) this.#serve(decodeRequest(frame));
    } catch (error) {
      this.send({ type: 'problem', message: `the executor did not understand its client: ${String(error)}` });
      this.#socket.destroySoon();
    }
  }

  #serve(request: Request): void {
    switch (request.type) {
      case 'hello':
        return this.send({ type: 'welcome', version: VERSION, pid: process.pid });
      case 'start':
        return this.#tasks.start(request.spawn, request.capture, this.#tell);
      case 'attend':
        return this.#tasks.attend(request, this.#tell);
      case 'end':
        return this.#tasks.end(request.mark, request.graceMs);
      case 'hurry':
        return this.#tasks.hurry(request.mark);
      case 'forget':
        return this.#tasks.forget(request.mark);
      case 'release':
        return this.#tasks.release(request.runId);
      case 'list':
        return this.send({ type: 'listed', id: request.id, running: this.#tasks.running });
      case 'sweep':
        return void this.#sweep(request.id, request.mark);
      case 'stop':
        return this.#stop(request.graceMs);
    }
  }

  async #sweep(id: number, mark: string): Promise<void> {
    this.send({ type: 'swept', id, left: await this.#tasks.sweep(mark) });
  }
}
