import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { SharedStore } from '../../src/store/shared-store.ts';
import type { StoreCommand } from '../../src/store/start-store.ts';
import { systemClock } from '../../src/util/clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The command line that serves the store of a folder from the sources. */
export function storeCommand(folder: string, idleMs = 60_000): StoreCommand {
  const script = resolve('test/support/serve-store.ts');
  const argv = [process.execPath, '--import', import.meta.resolve('tsx'), script, folder, String(idleMs)] as const;
  return { argv, env: { HOME: '/nowhere' } };
}

/** A folder whose store can be served; every process that serves it is ended after the test. */
export function storeFolder(t: TestContext): string {
  const folder = join(temporaryFolder(t), 'store');
  t.after(() => {
    for (const pid of serversOf(folder)) send(pid, 'SIGKILL');
  });
  return folder;
}

/** A client of the store of a folder, closed after the test. */
export function sharedStore(t: TestContext, folder: string): SharedStore {
  const store = new SharedStore({ folder, command: storeCommand(folder), clock: systemClock });
  t.after(() => store.close());
  return store;
}

/** Pids of the processes that serve the store of a folder, from their command lines. */
export function serversOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(folder))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

/** Asks the processes that serve the store of a folder to end, and waits until they are gone. */
export async function stopServers(folder: string): Promise<void> {
  for (const pid of serversOf(folder)) send(pid, 'SIGTERM');
  while (serversOf(folder).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
