/** How an interpreter finds its program among its arguments. */
export interface Interpreter {
  /** Options whose value, the next word, is the program or names it. */
  readonly program: RegExp;
  /** Options whose value loads code beside the program. */
  readonly loads?: RegExp;
  /** Options whose value is data. */
  readonly data?: RegExp;
  /** What the first operand is when no option gave the program. */
  readonly operand: 'file' | 'code' | 'data';
  /** After what nothing is an option any more. */
  readonly optionsEnd: 'at-program' | 'at-operand' | 'never';
  /** Runs its standard input when no program was given. */
  readonly runsInput: boolean;
  /** Options that make it open each operand, running one that ends in a bar. */
  readonly opensOperands?: RegExp;
}

const PYTHON: Interpreter = {
  program: /^-[a-zA-Z]*[cm]$/,
  data: /^-[WX]$/,
  operand: 'file',
  optionsEnd: 'at-program',
  runsInput: true,
};

const NODE: Interpreter = {
  program: /^-(?:p?e|p)$|^--(?:eval|print)$/,
  loads: /^-r$|^--(?:require|import|loader|experimental-loader|env-file)$/,
  data: /^-C$|^--(?:conditions|title|input-type|stack-trace-limit)$/,
  operand: 'file',
  optionsEnd: 'at-operand',
  runsInput: true,
};

const PERL: Interpreter = {
  program: /^-[a-zA-Z0-9.]*[eE]$/,
  loads: /^-[IMmr]$/,
  operand: 'file',
  optionsEnd: 'at-operand',
  runsInput: true,
  opensOperands: /^-[a-zA-Z0-9.]*[np]/,
};

const PHP: Interpreter = {
  program: /^-[frBRFE]$/,
  data: /^-[cdz]$/,
  operand: 'file',
  optionsEnd: 'at-operand',
  runsInput: true,
};

const AWK: Interpreter = {
  program: /^-[fe]$|^--(?:file|source)$/,
  loads: /^-[il]$|^--(?:include|load)$/,
  data: /^-[Fv]$|^--(?:assign|field-separator)$/,
  operand: 'code',
  optionsEnd: 'at-operand',
  runsInput: false,
};

const SED: Interpreter = {
  program: /^-[a-zA-Z]*[ef]$|^--(?:expression|file)$/,
  operand: 'code',
  optionsEnd: 'never',
  runsInput: false,
};

const JQ: Interpreter = {
  program: /^-f$|^--from-file$/,
  data: /^--(?:arg|argjson|slurpfile|rawfile|indent)$|^-L$/,
  operand: 'code',
  optionsEnd: 'at-operand',
  runsInput: false,
};

const SQL: Interpreter = {
  program: /^-[cef]$|^--(?:command|execute|file)$/,
  data: /^-[hpPUudDv]$/,
  operand: 'data',
  optionsEnd: 'never',
  runsInput: true,
};

const OTHER: Interpreter = {
  program: /^-[ec]$|^-[Cc]ommand$/,
  operand: 'file',
  optionsEnd: 'at-operand',
  runsInput: true,
};

const FAMILIES: readonly (readonly [string, Interpreter])[] = [
  ['python pypy', PYTHON],
  ['node nodejs bun tsx', NODE],
  ['perl ruby', PERL],
  ['php', PHP],
  ['awk gawk mawk nawk', AWK],
  ['sed gsed', SED],
  ['jq', JQ],
  ['psql mysql mariadb', SQL],
  ['lua luajit Rscript tclsh wish groovy scala pwsh', OTHER],
];

const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map(
  FAMILIES.flatMap(([names, interpreter]) => names.split(' ').map((name) => [name, interpreter] as const)),
);

const SHELLS = new Set('sh bash dash ash rbash ksh mksh zsh yash fish csh tcsh'.split(' '));

/** Commands that take code, or commands for another machine, in any argument. */
const TAKES_CODE = new Set(
  [
    'ssh autossh sshpass rsh mosh su runuser at batch crontab watch parallel script entr expect tmux screen socat',
    'make gmake ed ex vi vim nvim emacs gdb sqlite3 deno osascript R ghci irb m4 gnuplot octave',
  ].flatMap((names) => names.split(' ')),
);

/** The interpreter a command is, by its name without folder; a version such as `python3.12` is no part of the name. */
export function interpreterNamed(name: string): Interpreter | undefined {
  return INTERPRETERS.get(name) ?? INTERPRETERS.get(withoutVersion(name));
}

/** Whether a command is a shell. */
export function isShell(name: string): boolean {
  return SHELLS.has(name) || SHELLS.has(withoutVersion(name));
}

/** Whether a command takes code in any of its arguments. */
export function takesCode(name: string): boolean {
  return TAKES_CODE.has(name);
}

function withoutVersion(name: string): string {
  return name.replace(/-?\d[\d.]*$/, '');
}
