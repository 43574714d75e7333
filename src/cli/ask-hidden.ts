import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks for a line on the terminal of the process without showing what is typed; null when the user gives up. */
export function askHidden(question: string): Promise<string | null> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  // Only now does the terminal echo nothing.
  process.stderr.write(question);
  const answer = new Promise<string | null>((resolve) => {
    lines.on('line', resolve);
    lines.on('SIGINT', () => lines.close());
    lines.on('close', () => resolve(null));
  });
  return answer.finally(() => {
    lines.close();
    process.stderr.write('\n');
  });
}
