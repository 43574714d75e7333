import { inspect } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { nearest } from '../util/nearest.ts';
import { harmlessName } from '../util/terminal-text.ts';
import { parseArguments } from './arguments.ts';
import type { Command, CommandEntry } from './command.ts';
import { COMMANDS } from './command-list.ts';
import { EXIT_BUG, EXIT_FAILED, EXIT_SUCCESS, EXIT_USAGE } from './exit-code.ts';
import { commandHelp, programHelp } from './help.ts';
import type { CliIO } from './io.ts';

const PROGRAM = 'runner';

/**
 * The whole program: finds the command, reads its arguments, runs it. Resolves with the exit code and never rejects; what
 * nobody expected is told with its stack and is `EXIT_BUG`.
 */
export async function main(
  argv: readonly string[],
  io: CliIO,
  commands: readonly CommandEntry[] = COMMANDS,
): Promise<number> {
  try {
    return await withComplaint(await dispatch(argv, io, commands), io);
  } catch (error) {
    await io.stderr.write(bugReport(error));
    return EXIT_BUG;
  }
}

/** An answer that was lost on its way is no success. */
async function withComplaint(code: number, { stdout, stderr }: CliIO): Promise<number> {
  // A stream tells of its failure only after what wrote to it has gone on.
  await new Promise(setImmediate);
  if (stdout.problem === null) return code;
  await stderr.write(`${PROGRAM}: stdout cannot be written to: ${stdout.problem}\n`);
  return code === EXIT_SUCCESS ? EXIT_FAILED : code;
}

async function dispatch(
  [name, ...words]: readonly string[],
  io: CliIO,
  commands: readonly CommandEntry[],
): Promise<number> {
  switch (name) {
    case undefined:
      await io.stderr.write(await helpOfAll(commands));
      return EXIT_USAGE;
    case '-h':
    case '--help':
      return answer(io, await helpOfAll(commands));
    case '--version':
      return answer(io, `${packageJson.version}\n`);
    case 'help':
      return help(words[0], io, commands);
  }
  const entry = commands.find((candidate) => candidate.name === name);
  return entry ? run(await entry.load(), words, io) : mistake(io, unknownCommand(name, commands));
}

async function run(command: Command, words: readonly string[], io: CliIO): Promise<number> {
  const parsed = parseArguments(words, command.options, command.operands);
  switch (parsed.kind) {
    case 'arguments':
      return command.run(parsed.args, io);
    case 'help':
      return answer(io, commandHelp(PROGRAM, command));
    case 'mistake':
      return mistake(io, parsed.message, command.name);
  }
}

async function help(name: string | undefined, io: CliIO, commands: readonly CommandEntry[]): Promise<number> {
  if (name === undefined) return answer(io, await helpOfAll(commands));
  const entry = commands.find((candidate) => candidate.name === name);
  return entry ? answer(io, commandHelp(PROGRAM, await entry.load())) : mistake(io, unknownCommand(name, commands));
}

async function helpOfAll(commands: readonly CommandEntry[]): Promise<string> {
  return programHelp(PROGRAM, await Promise.all(commands.map((entry) => entry.load())));
}

async function answer(io: CliIO, text: string): Promise<number> {
  await io.stdout.write(text);
  return EXIT_SUCCESS;
}

async function mistake(io: CliIO, message: string, command?: string): Promise<number> {
  const called = command === undefined ? PROGRAM : `${PROGRAM} ${command}`;
  await io.stderr.write(`${called}: ${harmlessName(message)}\nTry "${called} --help".\n`);
  return EXIT_USAGE;
}

function unknownCommand(name: string, commands: readonly CommandEntry[]): string {
  if (name.startsWith('-')) return `unknown option ${name}; options of a command stand after its name`;
  const near = nearest(
    name,
    commands.map((entry) => entry.name),
  );
  return `unknown command "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

function bugReport(error: unknown): string {
  return `${PROGRAM}: internal error\n${inspect(error)}\n`;
}
