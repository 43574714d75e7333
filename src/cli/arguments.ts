import { parseArgs } from 'node:util';
import { nearest } from '../util/nearest.ts';
import { splitList } from '../util/split-list.ts';
import { type Arguments, longName, type Operands, type Option, type Options } from './options.ts';

/** What came of a command line: arguments, a wish for help, or a mistake, with what to write instead where that is known. */
export type Parsed =
  | { readonly kind: 'arguments'; readonly args: Arguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

/**
 * Reads the words after a command's name by its table. Options may stand anywhere before `--`; what follows that, a lone `-`
 * and `@file` are operands like any other. Wins over mistakes: a wish for help.
 */
export function parseArguments(words: readonly string[], options: Options, operands: Operands | undefined): Parsed {
  const table = tableOf(options);
  const { tokens } = parseArgs({
    args: [...words],
    options: { ...parseOptions(table), help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return { kind: 'help' };
  const given = new Given();
  const names: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') names.push(token.value);
    const message = token.kind === 'option' ? takeOption(given, table, token) : null;
    if (message !== null) return { kind: 'mistake', message };
  }
  const message = operandMistake(names, operands);
  if (message !== null) return { kind: 'mistake', message };
  return { kind: 'arguments', args: { options: given.values(options), operands: names } };
}

/** The most a `count` may be: far more than makes sense, and no surprise for arithmetic. */
const MOST = 1_000_000;

interface Row {
  readonly key: string;
  readonly option: Option;
}

/** By name as written, without the dashes. */
type Table = ReadonlyMap<string, Row>;

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function tableOf(options: Options): Table {
  return new Map(Object.entries(options).map(([key, option]) => [longName(key).slice(2), { key, option }]));
}

function parseOptions(table: Table): Record<string, { type: 'boolean' | 'string'; short?: string }> {
  const entries = [...table].map(([name, { option }]) => {
    const type: 'boolean' | 'string' = option.kind === 'flag' ? 'boolean' : 'string';
    return [name, option.short === undefined ? { type } : { type, short: option.short }] as const;
  });
  return Object.fromEntries(entries);
}

function takeOption(given: Given, table: Table, token: OptionToken): string | null {
  const row = table.get(token.name);
  if (row === undefined) return unknownOption(token.rawName, table);
  const { rawName, value } = token;
  if (row.option.kind === 'flag') {
    return value === undefined ? given.take(row, rawName, '') : `${rawName} takes no value`;
  }
  if (value === undefined || value === '') return `${rawName} needs a value`;
  if (!token.inlineValue && value.length > 1 && value.startsWith('-')) {
    return `${rawName} needs a value; for one that begins with a dash write --${token.name}=${value}`;
  }
  return given.take(row, rawName, value);
}

function unknownOption(rawName: string, table: Table): string {
  const near = rawName.startsWith('--') ? nearest(rawName.slice(2), [...table.keys(), 'help']) : undefined;
  return `unknown option ${rawName}${near === undefined ? '' : `; did you mean --${near}?`}`;
}

function operandMistake(names: readonly string[], operands: Operands | undefined): string | null {
  const most = operands?.most ?? 0;
  const extra = names[most];
  if (extra !== undefined) return `unexpected argument "${extra}"`;
  return operands && names.length < operands.least ? `needs ${operands.name}: ${operands.description}` : null;
}

/** The options met so far. `take` returns what is wrong with a value, or null. */
class Given {
  readonly #single = new Map<string, string | number | true>();
  readonly #lists = new Map<string, string[]>();
  readonly #pairs = new Map<string, Map<string, string>>();

  take({ key, option }: Row, name: string, value: string): string | null {
    switch (option.kind) {
      case 'flag':
        this.#single.set(key, true);
        return null;
      case 'text':
        return option.choices?.includes(value) === false
          ? `${name} "${value}": expected ${option.choices.join(', ')}`
          : this.#takeSingle(key, name, value);
      case 'count':
        return isCount(value)
          ? this.#takeSingle(key, name, Number(value))
          : `${name} "${value}": expected a whole number from 1 to ${MOST}`;
      case 'list':
        return this.#takeAll(key, [value]);
      case 'names':
        return splitList(value).includes('')
          ? `${name} "${value}": expected names with commas between them`
          : this.#takeAll(key, splitList(value));
      case 'pairs':
        return this.#takePair(key, name, value);
    }
  }

  /** The values of all options, given or not. */
  values(options: Options): Arguments['options'] {
    return Object.fromEntries(Object.entries(options).map(([key, option]) => [key, this.#value(key, option)]));
  }

  #value(key: string, option: Option): Arguments['options'][string] {
    switch (option.kind) {
      case 'flag':
        return this.#single.has(key);
      case 'text':
      case 'count':
        return this.#single.get(key);
      case 'list':
      case 'names':
        return this.#lists.get(key) ?? [];
      case 'pairs':
        return this.#pairs.get(key) ?? new Map();
    }
  }

  #takeSingle(key: string, name: string, value: string | number): string | null {
    if (this.#single.has(key)) return `${name} is given twice`;
    this.#single.set(key, value);
    return null;
  }

  #takeAll(key: string, values: readonly string[]): null {
    this.#lists.set(key, [...(this.#lists.get(key) ?? []), ...values]);
    return null;
  }

  #takePair(key: string, name: string, text: string): string | null {
    const equals = text.indexOf('=');
    if (equals < 1) return `${name} "${text}": expected NAME=VALUE`;
    const pairs = this.#pairs.get(key) ?? new Map<string, string>();
    const variable = text.slice(0, equals);
    if (pairs.has(variable)) return `${name} ${variable} is given twice`;
    this.#pairs.set(key, pairs.set(variable, text.slice(equals + 1)));
    return null;
  }
}

function isCount(text: string): boolean {
  return /^[1-9]\d{0,6}$/.test(text) && Number(text) <= MOST;
}
