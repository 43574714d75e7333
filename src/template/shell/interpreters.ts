import { type Argument, commandName, isMarked } from './argument.ts';
import { type Judgement, refuseFrom, refuseWhere } from './judgement.ts';
import { choosesProgram, couldBeOption, nestedCode, type Refusal } from './refusal.ts';

/** How an interpreter finds its program among its arguments. */
interface Interpreter {
  /** Options whose value is code, or names code to load. */
  readonly code: RegExp;
  /** Options whose value, the next word, is data. */
  readonly data?: RegExp;
  /** What the first operand is when no option gave the program. */
  readonly operand: 'file' | 'code' | 'data';
  /** Options count after the program too, so a value there could be one that takes code. */
  readonly permutes?: 'always' | 'after-code';
  /** Runs what it reads when no program was given. */
  readonly runsInput: boolean;
}

const SHELL: Interpreter = { code: /^-[a-zA-Z]*c[a-zA-Z]*$/, data: /^[-+][a-zA-Z]*[oO]$|^--(?:rcfile|init-file)$/, operand: 'file', runsInput: true };
const PYTHON: Interpreter = { code: /^-[a-zA-Z]*[cm]$/, data: /^-[WX]$/, operand: 'file', runsInput: true };
const NODE: Interpreter = { code: /^-(?:p?e|p|r)$|^--(?:eval|print|require|import|loader|experimental-loader)$/, operand: 'file', permutes: 'after-code', runsInput: true };
const PERL: Interpreter = { code: /^-[a-zA-Z0-9.]*[eE]$|^-[IM]$/, operand: 'file', permutes: 'after-code', runsInput: true };
const AWK: Interpreter = { code: /^-[fei]$|^--(?:file|source|include|load)$/, data: /^-[Fv]$|^--(?:assign|field-separator)$/, operand: 'code', runsInput: false };
const SQL: Interpreter = { code: /^-[ce]$|^--(?:command|execute)$/, data: /^-[hpPUudDv]$|^--\w+$/, operand: 'data', permutes: 'always', runsInput: true };

const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map<string, Interpreter>([
  ...['sh', 'bash', 'dash', 'ash', 'rbash', 'ksh', 'ksh93', 'mksh', 'zsh', 'yash', 'fish', 'csh', 'tcsh'].map((name) => [name, SHELL] as const),
  ...['python', 'pypy'].map((name) => [name, PYTHON] as const),
  ...['node', 'nodejs', 'bun', 'tsx'].map((name) => [name, NODE] as const),
  ...['perl', 'ruby', 'lua', 'luajit', 'Rscript'].map((name) => [name, PERL] as const),
  ['php', { code: /^-[rBREF]$|^--(?:run|process-begin|process-code|process-end)$/, data: /^-[cdz]$/, operand: 'file', permutes: 'after-code', runsInput: true }],
  ...['awk', 'gawk', 'mawk', 'nawk'].map((name) => [name, AWK] as const),
  ...['sed', 'gsed'].map((name) => [name, { code: /^-[a-zA-Z]*[ef]$|^--(?:expression|file)$/, operand: 'code', permutes: 'always', runsInput: false } as const] as const),
  ['jq', { code: /^-f$|^--from-file$/, data: /^--(?:arg|argjson|slurpfile|rawfile|indent)$|^-L$/, operand: 'code', runsInput: false }],
  ...['psql', 'mysql', 'mariadb'].map((name) => [name, SQL] as const),
  ...['tclsh', 'wish', 'groovy', 'scala', 'pwsh'].map((name) => [name, { code: /^-[ec]$|^-[Cc]ommand$/, operand: 'file', permutes: 'after-code', runsInput: true } as const] as const),
]);

/** Commands that take code, or commands for another machine, in any argument. */
const TAKES_CODE = new Set(
  ('ssh autossh sshpass rsh mosh su runuser at batch crontab watch parallel script entr expect tmux screen make gmake ed ex vi vim emacs gdb ' +
    'sqlite3 deno osascript R ghci irb m4 gnuplot octave socat').split(' '),
);

/** Whether a command, by its name without folder, interprets code. */
export function isInterpreter(name: string): boolean {
  return interpreterOf(name) !== undefined || TAKES_CODE.has(name);
}

/** Whether the word is an option of the interpreter that takes code. */
export function takesCodeAfter(name: string, option: string): boolean {
  return interpreterOf(name)?.code.test(option) ?? false;
}

/** What an interpreter does with its arguments; null when the command is none. */
export function judgeInterpreter(words: readonly Argument[]): Judgement | null {
  const name = commandName(words[0]) ?? '';
  if (TAKES_CODE.has(name)) return refuseFrom(words, 1, nestedCode(name), name);
  const interpreter = interpreterOf(name);
  return interpreter ? judgeProgram(words, interpreter, name) : null;
}

function interpreterOf(name: string): Interpreter | undefined {
  return INTERPRETERS.get(name) ?? INTERPRETERS.get(name.replace(/-?\d[\d.]*$/, ''));
}

function judgeProgram(words: readonly Argument[], interpreter: Interpreter, name: string): Judgement {
  const layout = layoutOf(words, interpreter);
  const loose = interpreter.permutes === 'always' || (interpreter.permutes === 'after-code' && layout.byOption);
  const object = (word: Argument, index: number): Refusal | null => {
    if (index === 0 || !isMarked(word) || layout.data.has(index)) return null;
    if (layout.code.has(index)) return nestedCode(name);
    if (index === layout.program) return interpreter.operand === 'code' ? nestedCode(name) : choosesProgram(name);
    if (index < layout.operands || (loose && index < layout.dashes && word.lead === '')) return couldBeOption(name);
    if (word.lead.startsWith('-') && loose && index < layout.dashes) return nestedCode(name);
    return layout.opensPipes ? nestedCode(name) : null;
  };
  const fromInput = interpreter.runsInput && (layout.fromInput || (!layout.byOption && layout.program === -1));
  return refuseWhere(words, object, fromInput ? name : null);
}

/** Which word is what. Positions are those of the words; -1 is nowhere. */
interface Layout {
  readonly code: ReadonlySet<number>;
  readonly data: ReadonlySet<number>;
  /** An option gave the program. */
  readonly byOption: boolean;
  /** The operand that is the program. */
  readonly program: number;
  /** The first word that is data for sure. */
  readonly operands: number;
  /** Where `--` stands, or the number of words. */
  readonly dashes: number;
  /** `-` or `-s`: the program comes from standard input. */
  readonly fromInput: boolean;
  /** perl -n and -p run a file name that ends in a bar. */
  readonly opensPipes: boolean;
}

function layoutOf(words: readonly Argument[], interpreter: Interpreter): Layout {
  const code = new Set<number>();
  const data = new Set<number>();
  const flags: string[] = [];
  let at = 1;
  let dashes = words.length;
  for (; at < words.length; at++) {
    const word = words[at];
    if (!word || word.text === '-' || !/^[-+]/.test(word.lead)) break;
    if (word.text === '--') {
      dashes = at++;
      break;
    }
    if (word.text === null) code.add(at);
    else at = takeOption(word.text, at, words, interpreter, code, data, flags);
  }
  const byOption = interpreter === SHELL ? false : code.size > 0 && flags.some((flag) => interpreter.code.test(flag) && !NO_PROGRAM.test(flag));
  const shellCode = interpreter === SHELL && flags.some((flag) => SHELL.code.test(flag));
  if (shellCode) code.add(at);
  const stdin = words[at]?.text === '-' || (interpreter === SHELL && flags.some((flag) => /^-[a-zA-Z]*s/.test(flag)));
  const program = byOption || stdin || interpreter.operand === 'data' ? -1 : at < words.length ? at : -1;
  const opensPipes = interpreter === PERL && flags.some((flag) => /^-[a-zA-Z0-9.]*[np]/.test(flag));
  return { code, data, byOption: byOption || shellCode, program, operands: program === -1 ? at : at + 1, dashes: laterDashes(words, dashes), fromInput: stdin, opensPipes };
}

/** Options that load code beside the program. */
const NO_PROGRAM = /^-(?:r|I|M|i|L)$|^--(?:require|import|loader|experimental-loader|include|load)$/;

function takeOption(
  option: string,
  at: number,
  words: readonly Argument[],
  interpreter: Interpreter,
  code: Set<number>,
  data: Set<number>,
  flags: string[],
): number {
  flags.push(option);
  if (interpreter === SHELL) {
    if (!SHELL.data?.test(option)) return at;
    data.add(at + 1);
    return at + 1;
  }
  if (interpreter.code.test(option)) {
    code.add(at + 1);
    return at + 1;
  }
  if (!interpreter.data?.test(option)) return at;
  const count = /^--(?:arg|argjson|slurpfile|rawfile)$/.test(option) ? 2 : 1;
  for (let index = at + 1; index <= at + count; index++) if (isData(option, words[index])) data.add(index);
  return at + count;
}

/** The name in `-v name=value` of awk may not be a value. */
function isData(option: string, word: Argument | undefined): boolean {
  return option !== '-v' || /^[A-Za-z_]\w*=/.test(word?.lead ?? '');
}

function laterDashes(words: readonly Argument[], dashes: number): number {
  const later = words.findIndex((word) => word.text === '--');
  return later === -1 ? dashes : later;
}
