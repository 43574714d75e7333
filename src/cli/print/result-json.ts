import type { RunResult } from '../../model/run.ts';

/** The Task Group Result as `--json` prints it: indented JSON and a newline. */
export function resultJson(result: RunResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}
