import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A disk that answers a process, every thread of it, with EIO whenever it syncs. The rest of the machine knows better. */
export class FailingDisk {
  readonly #strace: ChildProcess;
  readonly #gone: Promise<unknown>;

  private constructor(strace: ChildProcess) {
    this.#strace = strace;
    this.#gone = once(strace, 'close');
  }

  /** Resolves once the disk fails. Needs strace: ask `cannotTrace`. */
  static async of(pid: number): Promise<FailingDisk> {
    const faults = ['-e', 'trace=fdatasync,fsync', '-e', 'inject=fdatasync,fsync:error=EIO', '-e', 'signal=none'];
    const strace = spawn('strace', ['-f', ...faults, '-o', '/dev/null', '-p', String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      strace.stderr.on('data', (chunk: Buffer) => {
        said += chunk;
        if (/attached/.test(said)) resolve();
      });
      strace.on('close', () => reject(new Error(`strace ended: ${said}`)));
    });
    return new FailingDisk(strace);
  }

  /** The disk is well again once this resolves. */
  async heal(): Promise<void> {
    this.#strace.kill();
    await this.#gone;
  }
}
