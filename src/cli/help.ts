import type { Command } from './command.ts';
import { longName, type Operands, type Option, type Options } from './options.ts';

/** The widest a line of help gets. */
const WIDTH = 80;

/** The widest the left column gets; longer names stand on a line of their own. */
const LEFT = 26;

/** Help about the program as a whole. */
export function programHelp(program: string, commands: readonly Pick<Command, 'name' | 'summary'>[]): string {
  return joined([
    [`Usage: ${program} COMMAND [OPTIONS]`],
    ['Commands:', ...rows(commands.map(({ name, summary }) => [name, summary]))],
    ['Options:', ...rows([HELP, ['    --version', 'Show the version']])],
    wrapped(`"${program} COMMAND --help" tells more about a command.`, WIDTH),
  ]);
}

/** Help about one command, made from its table. */
export function commandHelp(program: string, command: Command): string {
  const { operands } = command;
  return joined([
    [`Usage: ${[program, command.name].join(' ').trim()} [OPTIONS]${operands ? ` ${operandUsage(operands)}` : ''}`],
    wrapped(`${command.summary}.`, WIDTH),
    operands ? rows([[operands.name, operands.description]]) : [],
    ['Options:', ...rows([...optionRows(command.options), HELP])],
    ...(command.details ?? []).map((paragraph) => wrapped(paragraph, WIDTH)),
  ]);
}

type Entry = readonly [left: string, right: string];

const HELP: Entry = ['-h, --help', 'Show this help'];

function joined(blocks: readonly (readonly string[])[]): string {
  const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

function operandUsage({ name, usage: written, least, most }: Operands): string {
  if (written !== undefined) return written;
  const usage = most > 1 ? `${name}...` : name;
  return least === 0 ? `[${usage}]` : usage;
}

function optionRows(options: Options): Entry[] {
  return Object.entries(options).map(([key, option]) => [optionUsage(key, option), optionText(option)]);
}

function optionUsage(key: string, option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  return `${short}${longName(key)}${option.kind === 'flag' ? '' : ` ${option.value}`}`;
}

function optionText(option: Option): string {
  const repeated = ['list', 'names', 'pairs'].includes(option.kind) ? '; may be repeated' : '';
  const fallback = 'fallback' in option && option.fallback !== undefined ? ` (default: ${option.fallback})` : '';
  return `${option.description}${repeated}${fallback}`;
}

function rows(entries: readonly Entry[]): string[] {
  const fitting = entries.map(([left]) => left.length).filter((length) => length <= LEFT);
  const width = Math.max(0, ...fitting);
  return entries.flatMap(([left, right]) => row(left, wrapped(right, WIDTH - width - 4), width));
}

function row(left: string, [first = '', ...rest]: readonly string[], width: number): string[] {
  const indent = ' '.repeat(width + 4);
  const below = rest.map((line) => indent + line);
  if (left.length > width) return [`  ${left}`, indent + first, ...below];
  return [`  ${left.padEnd(width)}  ${first}`, ...below];
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
