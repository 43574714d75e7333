import type { Json } from '../model/json.ts';
import type { Plugin, PluginIO, PluginWatch } from '../model/plugin.ts';
import type { Work } from './protocol.ts';

/** Has the plugin do some work, in its own process. Rejects with whatever its code throws. */
export async function doWork(plugin: Plugin | null, work: Work, io: PluginIO & PluginWatch): Promise<unknown> {
  switch (work.type) {
    case 'run': {
      const { job } = work;
      return there(plugin?.drivers?.find(({ type }) => type === job.type)).run(job, io);
    }
    case 'watch':
      return there(plugin?.triggers?.find(({ kind }) => kind === work.kind)).watch(work.entry, io);
    case 'notify':
      return there(plugin?.notifiers?.find(({ type }) => type === work.notifier)).notify(work.notice, io);
    case 'secrets':
      return there(plugin?.secrets).get(work.names, work.asker, io);
    case 'help': {
      const helper = there(plugin?.helpers?.[work.helper]) as (...values: readonly Json[]) => unknown;
      return { value: (await helper(...work.values)) ?? null };
    }
  }
}

/** The program asks only for what the plugin has said it brings. */
function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('Internal error: the plugin does not bring this');
  return part;
}
