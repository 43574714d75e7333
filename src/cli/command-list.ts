import type { CommandEntry } from './command.ts';

/** The commands of `runner`, in the order of the help. The code of one is read when it is asked for. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'exec', load: async () => (await import('./commands/exec.ts')).exec },
  { name: 'validate', load: async () => (await import('./commands/validate.ts')).validate },
  { name: 'cache', load: async () => (await import('./commands/cache.ts')).cache },
  { name: 'schema', load: async () => (await import('./commands/schema.ts')).schema },
  { name: 'init', load: async () => (await import('./commands/init.ts')).init },
  { name: 'completion', load: async () => (await import('./commands/completion.ts')).completion },
];
