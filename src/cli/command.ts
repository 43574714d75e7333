import type { CliIO } from './io.ts';
import type { Arguments, Operands, Options } from './options.ts';

/** One command of the program: what it takes, as a table that parsing and help are made from, and what it does. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** More about it: paragraphs of the help. */
  readonly details?: readonly string[];
  readonly options: O;
  readonly operands?: Operands;
  /** Does it; resolves with the exit code. */
  run(args: Arguments<O>, io: CliIO): Promise<number>;
}

/** A command whose code is read only when it is asked for. */
export interface CommandEntry {
  readonly name: string;
  load(): Promise<Command>;
}

/** Lets the types of a command's arguments follow from its table. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command;
}
