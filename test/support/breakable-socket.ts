import { connect, createServer, type Server, type Socket } from 'node:net';

/** A socket that leads to another, until the way is broken. */
export class BreakableSocket {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(target: string) {
    this.#server = createServer((near) => {
      const far = connect(target);
      for (const socket of [near, far]) {
        this.#open.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => this.#open.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
  }

  static async listen(path: string, target: string): Promise<BreakableSocket> {
    const socket = new BreakableSocket(target);
    await new Promise<void>((resolve) => socket.#server.listen(path, resolve));
    return socket;
  }

  /** Breaks every connection there is. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}
