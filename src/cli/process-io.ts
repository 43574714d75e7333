import { realpathSync } from 'node:fs';
import { closeInherited } from '../executor/descriptors.ts';
import { EXIT_USAGE } from './exit-code.ts';
import type { CliIO, EndSignal } from './io.ts';
import { StreamTerminal } from './print/stream-terminal.ts';

const END_SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The streams, environment and signals of this process. To be made once. */
export function processIO(): CliIO {
  return {
    stdout: new StreamTerminal(process.stdout, process.env),
    stderr: new StreamTerminal(process.stderr, process.env),
    env: process.env,
    get program(): CliIO['program'] {
      const [, script = ''] = process.argv;
      return [process.execPath, ...process.execArgv, realpathSync(script)];
    },
    cwd: currentFolder(),
    stdin: () => process.stdin,
    get askHidden() {
      if (!process.stdin.isTTY) return null;
      return async (question: string) => (await import('./ask-hidden.ts')).askHidden(question);
    },
    closeInherited: () => {
      // Whoever started us with a channel still talks to us through it.
      if (!process.channel) closeInherited();
    },
    onSignal: (listener) => {
      for (const signal of END_SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of END_SIGNALS) process.off(signal, listener);
      };
    },
  };
}

/** Ends the program where it stands in a folder that has been removed: there is nothing that paths could be relative to. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    process.stderr.write('runner: the current folder does not exist any more\n');
    process.exit(EXIT_USAGE);
  }
}
