import { MAX_FOLLOWED } from '../limits.ts';
import { type Argument, commandName, isMarked } from './argument.ts';
import { judgeBuiltin } from './builtins.ts';
import { interpreterNamed, isShell, takesCode } from './interpreter-table.ts';
import { judgeInterpreter } from './interpreters.ts';
import { HARMLESS, type Judgement, refuseFrom, refuseWhere, shifted, together } from './judgement.ts';
import { COMMAND_POSITION, nestedCode, specialVariable, UNKNOWN_COMMAND } from './refusal.ts';
import { runsItsValue } from './special-variables.ts';
import { innerCommand } from './wrappers.ts';

/** Where a command stands. */
export interface Setting {
  /** Whether a shell runs it, so that its name may be one of the shell's own commands. */
  readonly inShell: boolean;
  /** Variables of the script that are lists. */
  readonly arrays: ReadonlySet<string>;
}

/** Says which words of a command may not hold a value, because the command would evaluate it again. */
export function judgeCommand(words: readonly Argument[], setting: Setting): Judgement {
  return judge(words, setting, 0);
}

const NO_ARRAYS: ReadonlySet<string> = new Set();

/** `depth` counts the commands this one stands in. */
function judge(words: readonly Argument[], setting: Setting, depth: number): Judgement {
  const [first] = words;
  if (!first) return HARMLESS;
  if (isMarked(first)) return refuseFrom(words, 0, COMMAND_POSITION);
  if (first.text === null) return refuseFrom(words, 1, UNKNOWN_COMMAND, first.lead || 'this command');
  if (depth > MAX_FOLLOWED) return refuseFrom(words, 1, UNKNOWN_COMMAND, first.text);
  const known = (setting.inShell ? judgeBuiltin(words, setting.arrays) : null) ?? judgeInterpreter(words);
  return known ?? judgeWrapper(words, setting, depth) ?? judgeFind(words, depth) ?? judgeUnknown(words);
}

function judgeWrapper(words: readonly Argument[], setting: Setting, depth: number): Judgement | null {
  const inner = innerCommand(words);
  if (!inner) return null;
  if (inner.at === null) return refuseFrom(words, 1, UNKNOWN_COMMAND, words[0]?.text ?? null);
  const variables = refuseWhere(words, (word, index) => {
    const name = word.lead.split('=', 1)[0] ?? '';
    return inner.assignments.includes(index) && isMarked(word) && runsItsValue(name) ? specialVariable(name) : null;
  });
  const rest = words.slice(inner.at);
  const command = judge(rest, { ...setting, inShell: setting.inShell && inner.builtins }, depth + 1);
  const runsInput = commandName(words[0]) === 'xargs' ? inputOfXargs(rest, depth + 1) : command.runsInput;
  return together(variables, shifted({ ...command, runsInput }, inner.at));
}

/** `xargs` puts what it reads into the arguments of the command, so an interpreter there gets it as code. */
function inputOfXargs(words: readonly Argument[], depth: number): string | null {
  const [first] = words;
  if (!first) return null;
  const name = commandName(first);
  if (name === null || depth > MAX_FOLLOWED) return 'xargs';
  const inner = innerCommand(words);
  if (inner) return inner.at === null ? 'xargs' : inputOfXargs(words.slice(inner.at), depth + 1);
  return isInterpreter(name) || name === 'find' ? name : null;
}

/** `find … -exec command` */
function judgeFind(words: readonly Argument[], depth: number): Judgement | null {
  if (commandName(words[0]) !== 'find') return null;
  const starts = words.flatMap((word, index) =>
    /^-(?:exec|execdir|ok|okdir)$/.test(word.text ?? '') ? [index + 1] : [],
  );
  return judgeParts(words, starts, (part) => judge(part, { inShell: false, arrays: NO_ARRAYS }, depth + 1));
}

/** Programs that run the rest of their arguments in a container or on another machine. */
const CONTAINERS = new Set('docker podman nerdctl kubectl oc lxc systemd-run nsenter strace firejail flock'.split(' '));

/**
 * A command we know nothing about gets its arguments as they are. It may be a wrapper: when an interpreter stands among the
 * arguments, what is code to that interpreter is refused.
 */
function judgeUnknown(words: readonly Argument[]): Judgement {
  const isContainer = CONTAINERS.has(commandName(words[0]) ?? '');
  const starts = words.flatMap((word, index) => (index > 0 && isInterpreter(commandName(word) ?? '') ? [index] : []));
  return judgeParts(words, starts, (part) => (mayRunCode(part, isContainer) ? onlyCode(part) : HARMLESS));
}

function isInterpreter(name: string): boolean {
  return isShell(name) || takesCode(name) || interpreterNamed(name) !== undefined;
}

/** Judges the commands that begin at some positions of a command, all together. */
function judgeParts(
  words: readonly Argument[],
  starts: readonly number[],
  judgePart: (part: readonly Argument[]) => Judgement,
): Judgement {
  if (starts.length > MAX_FOLLOWED) return refuseFrom(words, 1, UNKNOWN_COMMAND, words[0]?.text ?? null);
  return starts.reduce((all, start) => together(all, shifted(judgePart(words.slice(start)), start)), HARMLESS);
}

/** Outside of a container an interpreter's name may be any word; an option that takes code makes it sure. */
function mayRunCode(part: readonly Argument[], isContainer: boolean): boolean {
  const name = commandName(part[0]) ?? '';
  if (isContainer || isShell(name)) return true;
  const program = interpreterNamed(name)?.program;
  return program !== undefined && part.some(({ text }) => text !== null && program.test(text));
}

/** What an interpreter that may be none would certainly run; its other objections are guesses. */
function onlyCode(part: readonly Argument[]): Judgement {
  const judgement = judgeInterpreter(part) ?? HARMLESS;
  const code = nestedCode(commandName(part[0]) ?? '').message;
  return { ...judgement, refusals: new Map([...judgement.refusals].filter(([, refusal]) => refusal.message === code)) };
}
