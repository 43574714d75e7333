import { type Argument, commandName, firstUnsure, isMarked } from './argument.ts';

/** A command that runs the command in its arguments. */
interface Wrapper {
  /** Short options without and with a value. */
  readonly flags: string;
  readonly valued: string;
  /** Long options whose value is the next word. */
  readonly longValued?: readonly string[];
  /** Words between the options and the command. */
  readonly operands?: number;
  /** Takes `NAME=value` before the command. */
  readonly assigns?: boolean;
  /** The shell's own commands can stand behind it. */
  readonly builtins?: boolean;
}

const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  ['command', { flags: 'pvV', valued: '', builtins: true }],
  ['builtin', { flags: '', valued: '', builtins: true }],
  ['exec', { flags: 'cl', valued: 'a' }],
  ['nohup', { flags: '', valued: '' }],
  ['setsid', { flags: 'cfw', valued: '' }],
  ['time', { flags: 'apqvV', valued: 'fo', longValued: ['format', 'output'] }],
  ['nice', { flags: '', valued: 'n', longValued: ['adjustment'] }],
  ['ionice', { flags: 't', valued: 'cn', longValued: ['class', 'classdata'] }],
  ['stdbuf', { flags: '', valued: 'ioe', longValued: ['input', 'output', 'error'] }],
  ['timeout', { flags: 'fpv', valued: 'ks', longValued: ['kill-after', 'signal'], operands: 1 }],
  ['chroot', { flags: '', valued: '', longValued: ['userspec', 'groups'], operands: 1 }],
  ['env', { flags: 'i0v', valued: 'uC', longValued: ['unset', 'chdir'], assigns: true }],
  [
    'sudo',
    {
      flags: 'ABbEeHikKlnPSsvV',
      valued: 'CDgpRrTtUu',
      longValued: ['user', 'group', 'chdir', 'prompt'],
      assigns: true,
    },
  ],
  ['doas', { flags: 'nLs', valued: 'Cu' }],
  ['unshare', { flags: 'cfimnprTuU', valued: 'RSGw' }],
  [
    'xargs',
    {
      flags: '0oprtx',
      valued: 'adEILnPs',
      longValued: ['arg-file', 'delimiter', 'replace', 'max-args', 'max-procs', 'max-chars'],
    },
  ],
  ['busybox', { flags: '', valued: '' }],
  ['npx', { flags: 'yq', valued: 'pw', longValued: ['package', 'workspace'] }],
]);

/** Where the inner command of a wrapper begins. */
export interface Inner {
  /** Position of its name; the number of words when it has none; null when it cannot be told. */
  readonly at: number | null;
  readonly builtins: boolean;
  /** Positions of `NAME=value` words. */
  readonly assignments: readonly number[];
}

/** Finds the command that a command such as `env` or `sudo` runs; null when it is no such command. */
export function innerCommand(words: readonly Argument[]): Inner | null {
  const wrapper = WRAPPERS.get(commandName(words[0]) ?? '');
  if (!wrapper) return null;
  const options = skipOptions(words, wrapper);
  const assignments: number[] = [];
  let at = options;
  while (at !== null && wrapper.assigns && /^[A-Za-z_]\w*=/.test(words[at]?.lead ?? '')) assignments.push(at++);
  at = at === null ? null : Math.min(at + (wrapper.operands ?? 0), words.length);
  if (at !== null && firstUnsure(words) < at) at = null;
  return { at, builtins: wrapper.builtins ?? false, assignments };
}

/** The position of the first word that is no option, or null when an option is unknown or only known at run time. */
function skipOptions(words: readonly Argument[], wrapper: Wrapper): number | null {
  let at = 1;
  for (let word = words[at]; word; word = words[at]) {
    if (word.text === '--') return at + 1;
    if (word.text === null && !isMarked(word) && !word.single && word.lead === '') return null;
    if (!word.lead.startsWith('-') || word.text === '-') return at;
    const taken = optionLength(word, wrapper);
    if (taken === null) return null;
    at += taken;
  }
  return at;
}

/** How many words an option takes. */
function optionLength(word: Argument, wrapper: Wrapper): number | null {
  const option = word.text;
  if (option === null) return null;
  if (option.startsWith('--'))
    return wrapper.longValued?.includes(option.slice(2)) ? 2 : LONG_CODE.test(option) ? null : 1;
  for (const [index, letter] of [...option.slice(1)].entries()) {
    if (wrapper.valued.includes(letter)) return index === option.length - 2 ? 2 : 1;
    if (!wrapper.flags.includes(letter) && !/\d/.test(letter)) return null;
  }
  return 1;
}

/** Long options that take code. */
const LONG_CODE = /^--(?:split-string|call|command)\b/;
