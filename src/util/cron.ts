/** A calendar schedule: the values each field admits, in ascending order. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[];
  /** True when both day fields are restricted: then a day that fits either one counts (Vixie cron). */
  readonly eitherDay: boolean;
  /** True when the hour field begins with `*`: then the schedule follows real time across clock changes. */
  readonly everyHour: boolean;
}

/** What is wrong with a cron expression; offset and length count UTF-16 units of the text. */
export interface CronProblem {
  readonly code: 'bad-schedule' | 'never-fires';
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly hint?: string;
}

/** Either the fields of an expression or everything that is wrong with it. */
export type ParsedCron =
  | { readonly fields: CronFields; readonly problems?: never }
  | { readonly fields?: never; readonly problems: readonly CronProblem[] };

/** Parses five cron fields or a name such as `@hourly`. Stricter than the libraries, which disagree about the rest. */
export function parseCron(text: string): ParsedCron {
  const words = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], offset: match.index }));
  const [first] = words;
  if (first === undefined) return problem(text, 'the schedule is empty', 'five fields, such as "0 3 * * *"');
  if (first.text.startsWith('@')) return parseNamed(text, words);
  if (words.length !== FIELDS.length) return wrongCount(text, words.length);
  return parseFields(text, words);
}

interface Word {
  readonly text: string;
  readonly offset: number;
}

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS: readonly Field[] = [
  { name: 'minute', low: 0, high: 59, names: [] },
  { name: 'hour', low: 0, high: 23, names: [] },
  { name: 'day of month', low: 1, high: 31, names: [] },
  { name: 'month', low: 1, high: 12, names: MONTHS },
  { name: 'day of week', low: 0, high: 7, names: DAYS },
];

const NAMED: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

function parseNamed(text: string, words: readonly Word[]): ParsedCron {
  const expression = words.length === 1 ? NAMED.get(text.trim().toLowerCase()) : undefined;
  if (expression !== undefined) return parseCron(expression);
  if (text.includes('@reboot')) {
    return problem(text, '@reboot is not a calendar time', 'start the run by hand after a start, or use `interval`');
  }
  const every = /@every\s+(\S+)/.exec(text)?.[1];
  if (every !== undefined) {
    return problem(text, '@every is not a calendar time', `under \`on\`: interval: [{ every: ${every} }]`);
  }
  return problem(text, `unknown name ${text.trim()}`, `one of ${[...NAMED.keys()].join(', ')}`);
}

function wrongCount(text: string, count: number): ParsedCron {
  const hint =
    count > FIELDS.length
      ? 'five fields: minute, hour, day of month, month, day of week; for less than a minute use `interval`'
      : 'five fields: minute, hour, day of month, month, day of week';
  return problem(text, `a schedule has five fields, this one has ${count}`, hint);
}

function parseFields(text: string, words: readonly Word[]): ParsedCron {
  const problems: CronProblem[] = [];
  const values = FIELDS.map((field, index) => {
    const word = words[index];
    if (word === undefined) throw new Error('Internal error: a cron field vanished');
    return parseField(field, word, problems);
  });
  if (problems.length > 0) return { problems };
  const [minutes = [], hours = [], daysOfMonth = [], months = [], weekdays = []] = values;
  const [, hour, day, , weekday] = words;
  const fields: CronFields = {
    minutes,
    hours,
    daysOfMonth,
    months,
    daysOfWeek: [...new Set(weekdays.map((value) => value % 7))].sort((a, b) => a - b),
    eitherDay: !day?.text.startsWith('*') && !weekday?.text.startsWith('*'),
    everyHour: hour?.text.startsWith('*') === true,
  };
  return canFire(fields, weekday) ? { fields } : neverFires(text, fields, day);
}

// With a restricted weekday either day counts, or the day of month begins with `*` and leaves some day of each month.
function canFire(fields: CronFields, weekday: Word | undefined): boolean {
  if (!weekday?.text.startsWith('*')) return true;
  const firstDay = fields.daysOfMonth[0] ?? 1;
  return fields.months.some((month) => firstDay <= longestMonth(month));
}

function longestMonth(month: number): number {
  if (month === 2) return 29;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function neverFires(text: string, fields: CronFields, day: Word | undefined): ParsedCron {
  const months = fields.months.map((month) => MONTHS[month - 1]).join(', ');
  return {
    problems: [
      {
        code: 'never-fires',
        message: `this schedule never fires: there is no day ${fields.daysOfMonth[0]} in ${months}`,
        offset: day?.offset ?? 0,
        length: day?.text.length ?? text.length,
      },
    ],
  };
}

function parseField(field: Field, word: Word, problems: CronProblem[]): number[] {
  const values = new Set<number>();
  let offset = word.offset;
  for (const part of word.text.split(',')) {
    const result = parsePart(field, part);
    if (typeof result === 'string') {
      const length = Math.max(1, part.length);
      const hint = `a value from ${field.low} to ${field.high}, a range a-b, a list a,b or steps */n or a-b/n`;
      problems.push({ code: 'bad-schedule', message: `${field.name}: ${result}`, offset, length, hint });
    } else for (const value of result) values.add(value);
    offset += part.length + 1;
  }
  return [...values].sort((a, b) => a - b);
}

// The values of one part of a list, or what is wrong with it.
function parsePart(field: Field, part: string): number[] | string {
  if (part === '') return 'a part of the list is empty';
  const match = /^(?:(\*)|([^-/*]+)(?:-([^-/*]+))?)(?:\/([^-/*]+))?$/.exec(part);
  if (match === null) return `"${part}" is not understood`;
  const [, star, from, to, stepText] = match;
  if (stepText !== undefined && star === undefined && to === undefined) {
    return `"${part}" has steps but no range; write ${from}-${field.high}/${stepText}`;
  }
  const low = star ? field.low : parseValue(field, from ?? '');
  const high = star ? fieldTop(field) : to === undefined ? low : parseEnd(field, to);
  if (from === 'H') return '"H" would be a random value; choose a number';
  if (low === undefined || high === undefined) return `"${part}" is not from ${field.low} to ${field.high}`;
  if (low > high) return `the range "${part}" runs backwards`;
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (step === undefined || step < 1) return `the step in "${part}" must be at least 1`;
  if (step > Math.max(1, high - low)) return `the step in "${part}" is larger than the range`;
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_item, index) => low + index * step);
}

// `*` for weekdays is Sunday to Saturday; 7 only is another way to say Sunday.
function fieldTop(field: Field): number {
  return field.high === 7 ? 6 : field.high;
}

// A week may end on Sunday: `fri-sun` is 5-7.
function parseEnd(field: Field, text: string): number | undefined {
  return field.names === DAYS && text.toLowerCase() === 'sun' ? 7 : parseValue(field, text);
}

function parseValue(field: Field, text: string): number | undefined {
  const named = field.names.indexOf(text.toLowerCase());
  if (named >= 0) return named + field.low;
  const value = parseNumber(text);
  return value !== undefined && value >= field.low && value <= field.high ? value : undefined;
}

function parseNumber(text: string): number | undefined {
  return /^[0-9]{1,4}$/.test(text) ? Number.parseInt(text, 10) : undefined;
}

function problem(text: string, message: string, hint: string): ParsedCron {
  return { problems: [{ code: 'bad-schedule', message, offset: 0, length: Math.max(1, text.length), hint }] };
}
