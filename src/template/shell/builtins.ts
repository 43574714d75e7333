import { type Argument, firstUnsure, isMarked } from './argument.ts';
import { HARMLESS, type Judgement, refuseFrom, refuseWhere } from './judgement.ts';
import {
  ARITHMETIC,
  couldBeOption,
  NAME_POSITION,
  PRINTF_FORMAT,
  runsAsCode,
  TEST_OPERATOR,
  unsureWords,
} from './refusal.ts';

/** What a shell's own commands do with their arguments. `arrays` are the lists of the script. Null when it is no such command. */
export function judgeBuiltin(words: readonly Argument[], arrays: ReadonlySet<string>): Judgement | null {
  const name = words[0]?.text ?? '';
  if (RUNS_CODE.has(name)) return refuseFrom(words, 1, runsAsCode(name), READS_CODE.has(name) ? name : null);
  if (name === 'let')
    return refuseWhere(words, (word, index) => (index > 0 && word.holds === 'values' ? ARITHMETIC : null));
  if (DECLARES.has(name)) return judgeDeclaration(words, arrays);
  if (name === 'unset' || name === 'getopts') return refuseFrom(words, 1, NAME_POSITION);
  if (name === 'read') return judgeRead(words);
  if (name === 'printf') return judgePrintf(words);
  if (name === 'test') return judgeTest(words);
  if (name === '[') return judgeTest(words.at(-1)?.text === ']' ? words.slice(0, -1) : words);
  if (EVALUATE_OPTIONS.has(name)) return judgeOptions(words, name);
  return null;
}

/** Commands of the shell that evaluate any argument again, now or later. */
const RUNS_CODE = new Set(
  'eval trap source . alias mapfile readarray bind complete compgen compopt enable fc history hash'.split(' '),
);
const READS_CODE = new Set(['eval', 'source', '.']);
const DECLARES = new Set(['declare', 'typeset', 'local', 'readonly', 'export']);
/** Commands with an option that evaluates a name or a command: -p of `wait`, -x of `jobs`, … */
const EVALUATE_OPTIONS = new Set(['wait', 'jobs', 'set', 'shopt']);

/** A declaration may set plain text. A number, a reference, a list, or a name in a value is evaluated. */
function judgeDeclaration(words: readonly Argument[], arrays: ReadonlySet<string>): Judgement {
  const flags = words.slice(1).filter((word) => !word.assigns && !isMarked(word));
  const letters = flags
    .map((word) => (word.text === null ? 'inaA' : /^[-+]/.test(word.text) ? word.text : ''))
    .join('');
  return refuseWhere(words, (word, index) => {
    if (index === 0 || !isMarked(word)) return null;
    if (!word.assigns || letters.includes('n')) return NAME_POSITION;
    if (letters.includes('i')) return word.holds === 'numbers' ? null : ARITHMETIC;
    const isList = /[aA]/.test(letters) || arrays.has(word.assigns.name);
    return isList && !word.assigns.list ? NAME_POSITION : null;
  });
}

/** The prompt is text; everything else is a name or could become one. */
function judgeRead(words: readonly Argument[]): Judgement {
  return refuseWhere(words, (word, index) => {
    if (index === 0 || !isMarked(word)) return null;
    return /^-[a-zA-Z]*p$/.test(words[index - 1]?.text ?? '') ? null : NAME_POSITION;
  });
}

/** `printf -v NAME FORMAT …`: the name and the format may not be values, the rest is data. */
function judgePrintf(words: readonly Argument[]): Judgement {
  const first = words[1]?.text;
  if (first === '--') return HARMLESS;
  const format = first === '-v' ? 3 : first?.startsWith('-v') ? 2 : 1;
  if (firstUnsure(words) <= format) return refuseFrom(words, 1, unsureWords('printf'));
  return refuseWhere(words, (word, index) => {
    if (!isMarked(word) || index === 0 || index > format) return null;
    return index === format ? PRINTF_FORMAT : NAME_POSITION;
  });
}

const UNARY = /^-[a-zA-Z]$/;
const EVALUATES = /^-[vR]$/;
const BINARY = /^(?:==?|!=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef|a|o))$/;

/** POSIX says how up to four arguments are read; with more, a value could be taken for an operator. */
function judgeTest(words: readonly Argument[]): Judgement {
  const operands = words.slice(1);
  const negated = operands[0]?.text === '!' && operands.length > 1;
  return isPlainTest(negated ? operands.slice(1) : operands) ? HARMLESS : refuseFrom(words, 1, TEST_OPERATOR);
}

function isPlainTest(operands: readonly Argument[]): boolean {
  const [first, second] = operands;
  if (operands.length <= 1) return true;
  if (operands.length === 2) return UNARY.test(first?.text ?? '') && !EVALUATES.test(first?.text ?? '');
  return operands.length === 3 && BINARY.test(second?.text ?? '');
}

/** Operands are data once nothing can be an option any more. */
function judgeOptions(words: readonly Argument[], name: string): Judgement {
  const dashes = words.findIndex((word) => word.text === '--');
  return refuseWhere(words, (word, index) => {
    if (index === 0 || !isMarked(word) || (dashes !== -1 && index > dashes)) return null;
    return words[index - 1]?.text === '-p' ? NAME_POSITION : couldBeOption(name);
  });
}
