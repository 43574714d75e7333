import { writeFileSync } from 'node:fs';
import type { Job } from '../../src/model/ports.ts';

/** Writes what a task exports, as the task itself would. */
export function writeOutputs({ outputFile }: Job, values: Readonly<Record<string, string>>): void {
  const blocks = Object.entries(values).map(([name, value]) => `${name}<<--end--\n${value}\n--end--\n`);
  writeFileSync(outputFile, blocks.join(''));
}
