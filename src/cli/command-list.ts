import type { CommandEntry } from './command.ts';

/** The commands of `runner`, in the order of the help. The code of one is read when it is asked for. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'exec', load: async () => (await import('./commands/exec.ts')).exec },
  { name: 'validate', load: async () => (await import('./commands/validate.ts')).validate },
  { name: 'workflows', load: async () => (await import('./commands/workflows.ts')).workflows },
  { name: 'run', load: async () => (await import('./commands/run.ts')).run },
  { name: 'wait', load: async () => (await import('./commands/wait.ts')).wait },
  { name: 'runs', load: async () => (await import('./commands/runs.ts')).runs },
  { name: 'show', load: async () => (await import('./commands/show.ts')).show },
  { name: 'logs', load: async () => (await import('./commands/logs.ts')).logs },
  { name: 'cancel', load: async () => (await import('./commands/cancel.ts')).cancel },
  { name: 'rerun', load: async () => (await import('./commands/rerun.ts')).rerun },
  { name: 'why', load: async () => (await import('./commands/why.ts')).why },
  { name: 'audit', load: async () => (await import('./commands/audit.ts')).audit },
  { name: 'next', load: async () => (await import('./commands/next.ts')).next },
  { name: 'pause', load: async () => (await import('./commands/pause.ts')).pause },
  { name: 'resume', load: async () => (await import('./commands/pause.ts')).resume },
  { name: 'drain', load: async () => (await import('./commands/drain.ts')).drain },
  { name: 'secret', load: async () => (await import('./commands/secret.ts')).secret },
  { name: 'prune', load: async () => (await import('./commands/prune.ts')).prune },
  { name: 'backup', load: async () => (await import('./commands/backup.ts')).backup },
  { name: 'doctor', load: async () => (await import('./commands/doctor.ts')).doctor },
  { name: 'cache', load: async () => (await import('./commands/cache.ts')).cache },
  { name: 'schema', load: async () => (await import('./commands/schema.ts')).schema },
  { name: 'init', load: async () => (await import('./commands/init.ts')).init },
  { name: 'completion', load: async () => (await import('./commands/completion.ts')).completion },
];
