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
  const [first] = words;
  if (!first) return HARMLESS;
  if (isMarked(first)) return refuseFrom(words, 0, COMMAND_POSITION);
  if (first.text === null) return refuseFrom(words, 1, UNKNOWN_COMMAND, first.lead || 'this command');
  const known = (setting.inShell ? judgeBuiltin(words, setting.arrays) : null) ?? judgeInterpreter(words);
  return known ?? judgeWrapper(words, setting) ?? judgeFind(words) ?? judgeUnknown(words);
}

function judgeWrapper(words: readonly Argument[], setting: Setting): Judgement | null {
  const inner = innerCommand(words);
  if (!inner) return null;
  if (inner.at === null) return refuseFrom(words, 1, UNKNOWN_COMMAND, words[0]?.text ?? null);
  const variables = refuseWhere(words, (word, index) => {
    const name = word.lead.split('=', 1)[0] ?? '';
    return inner.assignments.includes(index) && isMarked(word) && runsItsValue(name) ? specialVariable(name) : null;
  });
  const command = judgeCommand(words.slice(inner.at), { ...setting, inShell: setting.inShell && inner.builtins });
  const runsInput =
    commandName(words[0]) === 'xargs' && inner.at < words.length
      ? inputOfXargs(words.slice(inner.at))
      : command.runsInput;
  return together(variables, shifted({ ...command, runsInput }, inner.at));
}

/** `xargs` puts what it reads into the arguments of the command, so an interpreter there gets it as code. */
function inputOfXargs(words: readonly Argument[]): string | null {
  const name = commandName(words[0]);
  if (name === null) return 'xargs';
  const inner = innerCommand(words);
  if (inner) return inner.at === null ? 'xargs' : inputOfXargs(words.slice(inner.at));
  return isShell(name) || takesCode(name) || interpreterNamed(name) || name === 'find' ? name : null;
}

/** `find … -exec command` */
function judgeFind(words: readonly Argument[]): Judgement | null {
  if (commandName(words[0]) !== 'find') return null;
  return words.reduce((judgement, word, index) => {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(word.text ?? '')) return judgement;
    const command = judgeCommand(words.slice(index + 1), { inShell: false, arrays: new Set() });
    return together(judgement, shifted(command, index + 1));
  }, HARMLESS);
}

/** Programs that run the rest of their arguments in a container or on another machine. */
const CONTAINERS = new Set('docker podman nerdctl kubectl oc lxc systemd-run nsenter strace firejail flock'.split(' '));

/**
 * A command we know nothing about gets its arguments as they are. It may be a wrapper: when an interpreter stands among the
 * arguments, what is code to that interpreter is refused.
 */
function judgeUnknown(words: readonly Argument[]): Judgement {
  const isContainer = CONTAINERS.has(commandName(words[0]) ?? '');
  return words.slice(1).reduce((judgement, word, index) => {
    const name = commandName(word);
    if (name === null || !mayRunCode(name, words.slice(index + 2), isContainer)) return judgement;
    const inner = judgeInterpreter(words.slice(index + 1));
    return inner ? together(judgement, shifted(onlyCode(inner, name), index + 1)) : judgement;
  }, HARMLESS);
}

function mayRunCode(name: string, rest: readonly Argument[], isContainer: boolean): boolean {
  if (isContainer) return true;
  if (isShell(name)) return true;
  const program = interpreterNamed(name)?.program;
  return program !== undefined && rest.some((word) => word.text !== null && program.test(word.text));
}

/** What an interpreter that may be none would certainly run; its other objections are guesses. */
function onlyCode(judgement: Judgement, name: string): Judgement {
  const code = nestedCode(name).message;
  return { ...judgement, refusals: new Map([...judgement.refusals].filter(([, refusal]) => refusal.message === code)) };
}
