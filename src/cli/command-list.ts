import type { CommandEntry } from './command.ts';

/** The commands of `runner`, in the order of the help. The code of one is read when it is asked for. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'exec', load: async () => (await import('./commands/exec.ts')).exec },
  { name: 'cache', load: async () => (await import('./commands/cache.ts')).cache },
  { name: 'validate', load: async () => (await import('./commands/validate.ts')).validate },
  { name: 'schema', load: async () => (await import('./commands/schema.ts')).schema },
];
