import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { nullStdio } from '../executor/descriptors.ts';
import { PluginFailure } from './plugin-failure.ts';

/** How the process of a plugin is started. */
export interface PluginCommand {
  readonly argv: readonly [string, ...string[]];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a process of a plugin, in a session of its own and with nothing of ours but a channel, which is its descriptor 3.
 * @throws {PluginFailure} when it cannot be started
 */
export async function startPlugin(command: PluginCommand): Promise<{ child: ChildProcess; pid: number }> {
  const { argv, env } = command;
  const [program, ...args] = argv;
  const [, ...shield] = nullStdio();
  try {
    const child = spawn(program, args, {
      detached: true,
      cwd: '/',
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...shield],
    });
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    // A connection that breaks is a process that has gone, and that is told by its end.
    for (const stream of child.stdio) stream?.on('error', () => {});
    return { child, pid: child.pid };
  } catch (error) {
    throw new PluginFailure(`its process cannot be started: ${error instanceof Error ? error.message : error}`, '');
  } finally {
    for (const descriptor of new Set(shield)) closeSync(descriptor);
  }
}

/** Ends a process that `startPlugin` has started, and what it has started, at once. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
