import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunPaths } from '../engine/ports.ts';

/** Where a run keeps its files. */
export function runPaths(runs: string, id: string): RunPaths {
  const runDir = join(runs, id);
  return { workspace: join(runDir, 'workspace'), runDir, eventPath: join(runDir, 'event.json') };
}

/** The log of one attempt. */
export function logPath(runs: string, id: string, taskId: string, attempt: number): string {
  return join(runs, id, 'logs', `${taskId}.${attempt}.log`);
}

/** The environment one attempt got, as a list for people. */
export function environmentPath(runs: string, id: string, taskId: string, attempt: number): string {
  return join(runs, id, 'logs', `${taskId}.${attempt}.env.json`);
}

/** Makes the folders of a run, with the payload of its trigger as JSON, unless they are there. @throws when the disk is full */
export function makeRunFolder({ runDir, workspace, eventPath }: RunPaths, payload: string): void {
  for (const folder of [join(runDir, 'logs'), join(runDir, 'outputs'), workspace]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  writeFileSync(eventPath, payload, { mode: 0o600 });
}

/** Takes away what only the tasks of a run needed while they ran. */
export async function clearRunFolder({ runDir, eventPath }: RunPaths): Promise<void> {
  for (const path of [join(runDir, 'outputs'), join(runDir, 'scratch'), eventPath]) {
    await rm(path, { recursive: true, force: true });
  }
}
