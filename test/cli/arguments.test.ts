import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Parsed, parseArguments } from '../../src/cli/arguments.ts';
import type { Operands, Options } from '../../src/cli/options.ts';

const OPTIONS = {
  input: { kind: 'pairs', value: 'K=V', description: '' },
  event: { kind: 'text', value: 'FILE', description: '' },
  secret: { kind: 'list', value: 'NAME', description: '' },
  only: { kind: 'names', value: 'TASK,…', description: '' },
  jobs: { kind: 'count', short: 'j', value: 'N', description: '' },
  dryRun: { kind: 'flag', description: '' },
  json: { kind: 'flag', description: '' },
} as const satisfies Options;

const FILE: Operands = { name: 'FILE', description: 'the workflow file', least: 1, most: 1 };

const parse = (...words: string[]): Parsed => parseArguments(words, OPTIONS, FILE);

function argumentsOf(...words: string[]): Extract<Parsed, { kind: 'arguments' }>['args'] {
  const parsed = parse(...words);
  if (parsed.kind !== 'arguments') assert.fail(JSON.stringify(parsed));
  return parsed.args;
}

function mistakeOf(...words: string[]): string {
  const parsed = parse(...words);
  if (parsed.kind !== 'mistake') assert.fail(JSON.stringify(parsed));
  return parsed.message;
}

test('options of every kind are read, before and after the operand', () => {
  const { options, operands } = argumentsOf(
    ...['--input', 'a=1', '--dry-run', '-j', '4', 'file.yml', '--input=b=x=y', '--secret', 'A', '--secret=B'],
    ...['--only', 'x,y(a=1,b=2)', '--only=z', '--event', 'e.json'],
  );
  assert.deepEqual(operands, ['file.yml']);
  assert.deepEqual(options, {
    input: new Map([
      ['a', '1'],
      ['b', 'x=y'],
    ]),
    event: 'e.json',
    secret: ['A', 'B'],
    only: ['x', 'y(a=1,b=2)', 'z'],
    jobs: 4,
    dryRun: true,
    json: false,
  });
});

test('options that are not given have empty values', () => {
  const { options } = argumentsOf('f');
  assert.deepEqual(options, {
    input: new Map(),
    event: undefined,
    secret: [],
    only: [],
    jobs: undefined,
    dryRun: false,
    json: false,
  });
});

test('a dash, an @file and what follows -- are operands, literally', () => {
  assert.deepEqual(argumentsOf('-').operands, ['-']);
  assert.deepEqual(argumentsOf('@args.txt').operands, ['@args.txt']);
  assert.deepEqual(argumentsOf('--json', '--', '--dry-run').operands, ['--dry-run']);
  assert.deepEqual(argumentsOf('f', '--event', '-').options.event, '-');
  assert.deepEqual(argumentsOf('f', '--input', 'a=@b').options.input, new Map([['a', '@b']]));
});

test('help is asked for wherever it stands, but not after --', () => {
  assert.equal(parse('--help').kind, 'help');
  assert.equal(parse('f', '-h', '--nonsense').kind, 'help');
  assert.equal(argumentsOf('--', '-h').operands[0], '-h');
});

const MISTAKES: readonly (readonly [words: readonly string[], message: string])[] = [
  [['f', '--jsn'], 'unknown option --jsn; did you mean --json?'],
  [['f', '--no-such-thing'], 'unknown option --no-such-thing'],
  [['f', '--__proto__'], 'unknown option --__proto__'],
  [['f', '--constructor=x'], 'unknown option --constructor'],
  [['f', '-x'], 'unknown option -x'],
  [['f', '--json=yes'], '--json takes no value'],
  [['f', '--event'], '--event needs a value'],
  [['f', '--event='], '--event needs a value'],
  [['f', '--event', '--json'], '--event needs a value; for one that begins with a dash write --event=--json'],
  [['f', '--event', 'a', '--event', 'b'], '--event is given twice'],
  [['f', '--input', 'a'], '--input "a": expected NAME=VALUE'],
  [['f', '--input', '=a'], '--input "=a": expected NAME=VALUE'],
  [['f', '--input', 'a=1', '--input', 'a=1'], '--input a is given twice'],
  [['f', '--only', 'a,,b'], '--only "a,,b": expected names with commas between them'],
  [['f', '-j', '0'], '-j "0": expected a whole number from 1 to 1000000'],
  [['f', '-jx'], '-j "x": expected a whole number from 1 to 1000000'],
  [['f', '--jobs', '1.5'], '--jobs "1.5": expected a whole number from 1 to 1000000'],
  [['f', '--jobs=-1'], '--jobs "-1": expected a whole number from 1 to 1000000'],
  [['f', '--jobs', '1e3'], '--jobs "1e3": expected a whole number from 1 to 1000000'],
  [['f', '--jobs', '1000001'], '--jobs "1000001": expected a whole number from 1 to 1000000'],
  [[], 'needs FILE: the workflow file'],
  [['a', 'b'], 'unexpected argument "b"'],
];

for (const [words, message] of MISTAKES) {
  test(`${JSON.stringify(words)} is a mistake that is explained`, () => assert.equal(mistakeOf(...words), message));
}

test('a command without operands takes none', () => {
  const parsed = parseArguments(['x'], {}, undefined);
  assert.deepEqual(parsed, { kind: 'mistake', message: 'unexpected argument "x"' });
});

test('an input holds any value, and an option named like an object property is only a name', () => {
  const values = argumentsOf(
    'f',
    '--input',
    '__proto__=x',
    '--input',
    `big=${'y'.repeat(1_000_000)}`,
    '--input',
    'empty=',
  );
  const inputs = values.options.input as ReadonlyMap<string, string>;
  assert.equal(inputs.get('__proto__'), 'x');
  assert.equal(inputs.get('big')?.length, 1_000_000);
  assert.equal(inputs.get('empty'), '');
});

test('no command line makes parsing throw', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('--', '-', '-j', '--input', '--json', '--only=', 'a=b', '-jh', '--=', '-='),
  );
  fc.assert(fc.property(fc.array(word), (words) => ['arguments', 'help', 'mistake'].includes(parse(...words).kind)));
});
