import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** One system call that succeeded or whose end was not seen, with the files its descriptors stood for. */
export interface SystemCall {
  readonly name: string;
  /** As strace prints them. */
  readonly args: string;
  /** What it returned; null for one that had not returned. */
  readonly result: number | null;
  /** Its places in the order of everything that happened. */
  readonly began: number;
  readonly returned: number;
}

/** Why system calls cannot be watched here, or false. */
export function cannotTrace(): string | false {
  const { status } = spawnSync('strace', ['-o', '/dev/null', 'true']);
  return status === 0 ? false : 'strace is missing, or tracing is not allowed here';
}

/** Watches the calls of a process and its threads from now on. */
export class CallTrace {
  readonly #file: string;
  readonly #strace: ChildProcess;
  readonly #closed: Promise<unknown>;

  private constructor(file: string, strace: ChildProcess) {
    this.#file = file;
    this.#strace = strace;
    this.#closed = once(strace, 'close');
  }

  /** Resolves once it is attached to every thread. */
  static async attach(pid: number, calls: readonly string[], file: string): Promise<CallTrace> {
    const args = ['-f', '-y', '-s', '256', '-e', `trace=${calls.join(',')}`, '-e', 'signal=none', '-o', file];
    const strace = spawn('strace', [...args, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
    const trace = new CallTrace(file, strace);
    await new Promise<void>((resolve, reject) => {
      let said = '';
      strace.stderr.on('data', (chunk: Buffer) => {
        said += chunk;
        if (/attached/.test(said)) resolve();
      });
      strace.on('close', () => reject(new Error(`strace ended: ${said}`)));
    });
    return trace;
  }

  /** The calls, in the order in which they returned. To be asked once the process is gone. */
  async calls(): Promise<readonly SystemCall[]> {
    await this.#closed;
    return readTrace(readFileSync(this.#file, 'latin1').split('\n'));
  }

  stop(): void {
    this.#strace.kill();
  }
}

function readTrace(lines: readonly string[]): SystemCall[] {
  const calls: SystemCall[] = [];
  /** Begun by a thread, and not returned. */
  const open = new Map<string, { readonly name: string; readonly args: string; readonly began: number }>();
  for (const [index, line] of lines.entries()) {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const whole = /^(\w+)\((.*)\) += (-?\d+)/.exec(rest);
    const begun = /^(\w+)\((.*?) *<unfinished \.\.\.>$/.exec(rest);
    const resumed = /^<\.\.\. \w+ resumed>(.*)\) += (-?\d+)/.exec(rest);
    const first = open.get(pid);
    if (whole) {
      const [, name = '', args = '', result] = whole;
      calls.push({ name, args, result: Number(result), began: index, returned: index });
    } else if (begun) open.set(pid, { name: begun[1] ?? '', args: begun[2] ?? '', began: index });
    else if (resumed && first) {
      open.delete(pid);
      calls.push({ ...first, args: first.args + resumed[1], result: Number(resumed[2]), returned: index });
    }
  }
  const never = lines.length;
  return [...calls, ...[...open.values()].map((call) => ({ ...call, result: null, returned: never }))];
}
