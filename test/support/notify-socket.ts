import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

// Takes datagrams as systemd does: what comes with one of them is closed at once, which is what systemd-notify waits for.
const RECEIVER = `
import os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
deaf = sys.argv[2] == "deaf"
print("listening", flush=True)
while True:
    data, descriptors, flags, address = socket.recv_fds(receiver, 4096, 16)
    if not deaf:
        for descriptor in descriptors: os.close(descriptor)
    text = data.decode()
    if "BARRIER" not in text: print(text.strip().replace("\\n", " "), flush=True)
`;

/** Why systemd cannot be played here, or false. */
export const CANNOT_NOTIFY =
  spawnSync('systemd-notify', ['--version']).status === 0 && spawnSync('python3', ['--version']).status === 0
    ? false
    : 'systemd-notify or python3 is not installed';

/** Plays systemd's end of NOTIFY_SOCKET. One that is deaf never says that it has listened. */
export class NotifySocket {
  readonly #child: ChildProcess;
  readonly #told: string[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Listens at a path until the test ends. */
  static async open(t: Pick<TestContext, 'after'>, path: string, isDeaf = false): Promise<NotifySocket> {
    const child = spawn('python3', ['-c', RECEIVER, path, isDeaf ? 'deaf' : ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const socket = new NotifySocket(child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      socket.#told.push(line);
      child.emit('told');
    });
    await socket.told((line) => line === 'listening');
    return socket;
  }

  /** All that was told so far. */
  get lines(): readonly string[] {
    return this.#told.slice(1);
  }

  /** Resolves with the first line that fits. */
  async told(fits: (line: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.#told.find(fits);
      if (found !== undefined) return found;
      await once(this.#child, 'told');
    }
  }
}
