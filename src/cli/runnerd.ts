import { inspect } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { parseArguments } from './arguments.ts';
import { serve } from './commands/serve.ts';
import { EXIT_BUG, EXIT_SUCCESS, EXIT_USAGE } from './exit-code.ts';
import { commandHelp } from './help.ts';
import type { CliIO } from './io.ts';
import { unit } from './runnerd-unit.ts';

const PROGRAM = 'runnerd';

/** The whole of `runnerd`. Resolves with the exit code and never rejects; what nobody expected is told with its stack. */
export async function runnerd(argv: readonly string[], io: CliIO): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    await io.stderr.write(`${PROGRAM}: internal error\n${inspect(error)}\n`);
    return EXIT_BUG;
  }
}

async function dispatch([first, ...words]: readonly string[], io: CliIO): Promise<number> {
  if (first === '--version') {
    await io.stdout.write(`${packageJson.version}\n`);
    return EXIT_SUCCESS;
  }
  const [command, rest] = first === 'unit' ? [unit, words] : [serve, first === undefined ? [] : [first, ...words]];
  const parsed = parseArguments(rest, command.options, command.operands);
  switch (parsed.kind) {
    case 'arguments':
      return command.run(parsed.args, io);
    case 'help':
      await io.stdout.write(commandHelp(PROGRAM, command));
      return EXIT_SUCCESS;
    case 'mistake':
      await io.stderr.write(`${PROGRAM}: ${parsed.message}\nTry "${PROGRAM} --help".\n`);
      return EXIT_USAGE;
  }
}
