import assert from 'node:assert/strict';
import { test } from 'node:test';
import workflowSchema from '../../schemas/workflow.schema.json' with { type: 'json' };
import { type CommandEntry, defineCommand } from '../../src/cli/command.ts';
import type { CliIO } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { MemoryTerminal } from '../support/memory-terminal.ts';

const greet = defineCommand({
  name: 'greet',
  summary: 'Say hello to somebody, at length if need be, so that this line has to be broken in two',
  details: ['It is polite.'],
  operands: { name: 'NAME', description: 'whom to greet', least: 1, most: 1 },
  options: {
    times: { kind: 'count', short: 't', value: 'N', description: 'how often', fallback: '1' },
    env: { kind: 'pairs', value: 'K=V', description: 'a variable for the greeting' },
    aVeryLongOptionName: {
      kind: 'text',
      value: 'SOMETHING',
      description: 'something that is seldom of use to anybody at all',
    },
    loud: { kind: 'flag', description: 'shout' },
  },
  async run({ options, operands }, io) {
    // The types of the values follow from the table above.
    const times: number = options.times ?? 1;
    const loud: boolean = options.loud;
    await io.stdout.write(`${loud ? 'HELLO' : 'hello'} ${operands[0]}\n`.repeat(times));
    return 7;
  },
});

const broken = defineCommand({
  name: 'broken',
  summary: 'Fail',
  options: {},
  run: () => Promise.reject(new Error('something unforeseen', { cause: new Error('the reason') })),
});

function program(): {
  io: CliIO;
  stdout: MemoryTerminal;
  stderr: MemoryTerminal;
  loaded: string[];
  commands: CommandEntry[];
} {
  const [stdout, stderr] = [new MemoryTerminal(), new MemoryTerminal()];
  const loaded: string[] = [];
  const commands = [greet, broken].map((command) => ({
    name: command.name,
    load: async () => {
      loaded.push(command.name);
      return command;
    },
  }));
  const io: CliIO = {
    stdout,
    stderr,
    env: {},
    program: ['runner'],
    cwd: '/',
    stdin: () => assert.fail('reads'),
    askHidden: null,
    onSignal: () => () => {},
    closeInherited: () => {},
  };
  return { io, stdout, stderr, loaded, commands };
}

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string; loaded: string[] }> {
  const { io, stdout, stderr, loaded, commands } = program();
  const code = await main(argv, io, commands);
  return { code, out: stdout.text, err: stderr.text, loaded };
}

test('a command gets its options, and its exit code is the program’s', async () => {
  const { code, out, err } = await run('greet', 'you', '--loud', '-t', '2');
  assert.deepEqual({ code, out, err }, { code: 7, out: 'HELLO you\nHELLO you\n', err: '' });
});

test('only the command asked for is loaded', async () => {
  assert.deepEqual((await run('greet', 'you')).loaded, ['greet']);
  assert.deepEqual((await run('--version')).loaded, []);
});

test('a mistake on the command line is told on stderr and exits with 2', async () => {
  const { code, out, err } = await run('greet', 'you', '--lout');
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.equal(err, 'runner greet: unknown option --lout; did you mean --loud?\nTry "runner greet --help".\n');
});

test('an unknown command is a mistake with a suggestion', async () => {
  const { code, err } = await run('gret');
  assert.equal(code, 2);
  assert.equal(err, 'runner: unknown command "gret"; did you mean "greet"?\nTry "runner --help".\n');
});

test('an option before the command is a mistake', async () => {
  const { code, err } = await run('--loud', 'greet');
  assert.equal(code, 2);
  assert.match(err, /unknown option --loud; options of a command stand after its name/);
});

test('a mistake never writes control characters of the command line', async () => {
  const { err } = await run('greet', '--\x1b]0;title\x07\x1b[31m');
  assert.equal(err.split('\n')[0], 'runner greet: unknown option --');
});

test('without a command, help goes to stderr and the exit code is 2', async () => {
  const { code, out, err } = await run();
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.match(err, /^Usage: runner COMMAND/);
});

test('help of the program lists its commands within 80 columns', async () => {
  for (const argv of [['--help'], ['-h'], ['help']]) {
    const { code, out } = await run(...argv);
    assert.equal(code, 0);
    assert.equal(out, PROGRAM_HELP);
  }
});

test('help of a command is made from its table', async () => {
  for (const argv of [
    ['greet', '--help'],
    ['greet', '-h'],
    ['help', 'greet'],
  ]) {
    const { code, out } = await run(...argv);
    assert.equal(code, 0);
    assert.equal(out, GREET_HELP);
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
  }
});

test('--version prints the version', async () => {
  const { code, out } = await run('--version');
  assert.equal(code, 0);
  assert.match(out, /^\d+\.\d+\.\d+\n$/);
});

test('what nobody expected is told with its stack and its cause, and exits with 70', async () => {
  const { code, out, err } = await run('broken');
  assert.deepEqual({ code, out }, { code: 70, out: '' });
  assert.match(err, /^runner: internal error\nError: something unforeseen\n {4}at /);
  assert.match(err, /\[cause\]: Error: the reason/);
});

test('runner schema prints the published schema where there are no plugins', async () => {
  const { io, stdout } = program();
  assert.equal(await main(['schema', '--plugins', '/nowhere'], io), 0);
  assert.deepEqual(JSON.parse(stdout.text), workflowSchema);
});

test('every command of the program loads under its own name', async () => {
  const { io, stdout } = program();
  assert.equal(await main(['--help'], io), 0);
  assert.match(stdout.text, /^ {2}schema +Print the JSON Schema/m);
});

const PROGRAM_HELP = `Usage: runner COMMAND [OPTIONS]

Commands:
  greet   Say hello to somebody, at length if need be, so that this line has to
          be broken in two
  broken  Fail

Options:
  -h, --help     Show this help
      --version  Show the version

"runner COMMAND --help" tells more about a command.
`;

const GREET_HELP = `Usage: runner greet [OPTIONS] NAME

Say hello to somebody, at length if need be, so that this line has to be broken
in two.

  NAME  whom to greet

Options:
  -t, --times N  how often (default: 1)
      --env K=V  a variable for the greeting; may be repeated
      --a-very-long-option-name SOMETHING
                 something that is seldom of use to anybody at all
      --loud     shout
  -h, --help     Show this help

It is polite.
`;
