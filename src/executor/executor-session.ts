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
        this.send({ type: 'welcome', version: VERSION, pid: process.pid });
        return;
      case 'start':
        this.#tasks.start(request.spawn, request.capture, this.#tell);
        return;
      case 'attend':
        this.#tasks.attend(request, this.#tell);
        return;
      case 'end':
        this.#tasks.end(request.mark, request.graceMs);
        return;
      case 'hurry':
        this.#tasks.hurry(request.mark);
        return;
      case 'forget':
        this.#tasks.forget(request.mark);
        return;
      case 'release':
        this.#tasks.release(request.runId);
        return;
      case 'list':
        this.send({ type: 'listed', id: request.id, running: this.#tasks.running });
        return;
      case 'sweep':
        this.#sweep(request.id, request.mark);
        return;
      case 'stop':
        this.#stop(request.graceMs);
        return;
    }
  }

  async #sweep(id: number, mark: string): Promise<void> {
    this.send({ type: 'swept', id, left: await this.#tasks.sweep(mark) });
  }
}
