import type { Socket } from 'node:net';
import type { Limits } from '../limits.ts';

const REFUSAL = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n';

/** The open connections of one server, all together and by address. */
export class Connections {
  readonly #limits: Pick<Limits, 'connections' | 'connectionsPerAddress'>;
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();

  constructor(limits: Pick<Limits, 'connections' | 'connectionsPerAddress'>) {
    this.#limits = limits;
  }

  /** Takes a connection in, or answers that there are too many. */
  add(socket: Socket): void {
    const address = addressOf(socket);
    const before = this.#perAddress.get(address) ?? 0;
    if (this.#sockets.size >= this.#limits.connections || before >= this.#limits.connectionsPerAddress) {
      socket.end(REFUSAL, () => socket.destroy());
      return;
    }
    this.#sockets.add(socket);
    this.#perAddress.set(address, before + 1);
    socket.once('close', () => this.#remove(socket, address));
  }

  /** Whether a connection was taken in and is still open. */
  has(socket: Socket): boolean {
    return this.#sockets.has(socket);
  }

  /** Cuts all that are left. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #remove(socket: Socket, address: string): void {
    this.#sockets.delete(socket);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }
}

/** Where a connection comes from; the empty text for a unix socket. */
export function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}
