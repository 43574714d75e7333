import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../model/json.ts';
import type { Job } from '../../model/ports.ts';
import { findProgram } from '../../util/find-program.ts';

/** A program and its arguments. */
export type Argv = readonly [string, ...string[]];

/** What `shell:` may name, once `default` is settled. */
export type ShellName = 'bash' | 'sh' | 'dash' | 'python' | 'node';

/** How one shell is started. */
interface Shell {
  /** The start of the command line. */
  readonly program: (path: string | undefined) => Argv;
  /** The option before a script given as an argument. */
  readonly inline: string;
  /** The name of a script that is given as a file. */
  readonly file: string;
}

/** The longest script passed as an argument, in bytes: Linux takes 32 pages with the closing zero (execve(2)). */
const LONGEST_INLINE_BYTES = 128 * 1024 - 1;

/** The first failing command ends a script, also inside a pipe where the shell can do that; as GitHub Actions does. */
const SHELLS: Readonly<Record<ShellName, Shell>> = {
  bash: { program: () => ['bash', '-eo', 'pipefail'], inline: '-c', file: 'script.sh' },
  sh: { program: () => ['sh', '-e'], inline: '-c', file: 'script.sh' },
  dash: { program: () => ['dash', '-e'], inline: '-c', file: 'script.sh' },
  python: { program: (path) => [pythonIn(path)], inline: '-c', file: 'script.py' },
  node: { program: () => ['node'], inline: '-e', file: 'script.cjs' },
};

/**
 * What to start for a job: a list is taken as it is, a string is a script for the job's shell. A script that is too long for an
 * argument becomes a file in the job's scratch folder.
 */
export function commandLine(job: Job, defaultShell: ShellName): Argv {
  const { command } = job.spec;
  if (typeof command !== 'string') return toArgv(command);
  const shell = SHELLS[shellOf(job, defaultShell)];
  const program = shell.program(job.env.PATH);
  if (Buffer.byteLength(command) <= LONGEST_INLINE_BYTES) {
    return [...program, shell.inline, command];
  }
  mkdirSync(job.scratch, { recursive: true, mode: 0o700 });
  const file = join(job.scratch, shell.file);
  writeFileSync(file, command, { flag: 'wx', mode: 0o600 });
  return [...program, file];
}

function shellOf({ shell }: Job, defaultShell: ShellName): ShellName {
  if (shell === 'default') return defaultShell;
  if (Object.hasOwn(SHELLS, shell)) return shell as ShellName;
  throw new Error(`Internal error: unknown shell "${shell}"`);
}

/** Debian has no `python`; others have no `python3`. */
function pythonIn(path: string | undefined): string {
  return findProgram('python3', path) === undefined ? 'python' : 'python3';
}

function toArgv(command: Json | undefined): Argv {
  const [program, ...rest] = Array.isArray(command) ? command.map(String) : [];
  if (program === undefined) throw new Error('Internal error: a spec without a command passed validation');
  return [program, ...rest];
}
