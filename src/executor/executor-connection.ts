import type { Socket } from 'node:net';
import type { Clock } from '../model/ports.ts';
import { FrameSplitter } from '../util/frames.ts';
import { decodeMessage, encode, type Message, type Request, VERSION } from './protocol.ts';

/** How long an executor may take to answer a greeting, in ms. */
const PATIENCE_MS = 20_000;

/** What is told of a line to an executor. */
export interface LineListener {
  message(message: Message): void;
  /** Nothing more will come. */
  closed(line: ExecutorConnection): void;
}

/** A line to an executor. */
export class ExecutorConnection {
  /** The process at the other end. */
  readonly pid: number;
  readonly #socket: Socket;

  private constructor(socket: Socket, pid: number) {
    this.#socket = socket;
    this.pid = pid;
  }

  /** Greets the executor at the other end. Null when it goes away over that. */
  static async open(socket: Socket, clock: Clock, listener: LineListener): Promise<ExecutorConnection | null> {
    let line: ExecutorConnection | null = null;
    const splitter = new FrameSplitter();
    const callOff = clock.after(PATIENCE_MS, () => socket.destroy());
    return new Promise<ExecutorConnection | null>((resolve) => {
      const welcome = (message: Message): void => {
        if (message.type !== 'welcome' || message.version !== VERSION) return void socket.destroy();
        line = new ExecutorConnection(socket, message.pid);
        resolve(line);
      };
      const read = (chunk: Buffer): void => {
        for (const message of messagesIn(splitter, chunk, socket)) {
          if (line === null) welcome(message);
          else listener.message(message);
        }
      };
      socket.on('data', read);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        if (line !== null) listener.closed(line);
        resolve(null);
      });
      socket.write(encode({ type: 'hello', version: VERSION, pid: process.pid }));
    }).finally(callOff);
  }

  /** What cannot be sent is lost with the line, of which `closed` tells. */
  send(request: Request): void {
    if (this.#socket.writable) this.#socket.write(encode(request));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** What makes no sense ends the line. */
function messagesIn(splitter: FrameSplitter, chunk: Buffer, socket: Socket): Message[] {
  try {
    return splitter.push(chunk).map(decodeMessage);
  } catch (error) {
    socket.destroy(new Error('the executor sent something that makes no sense', { cause: error }));
    return [];
  }
}
