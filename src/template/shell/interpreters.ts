import { type Argument, commandName, firstUnsure, isMarked } from './argument.ts';
import { type Interpreter, interpreterNamed, isShell, takesCode } from './interpreter-table.ts';
import { type Judgement, refuseFrom, refuseWhere } from './judgement.ts';
import { choosesProgram, couldBeOption, nestedCode, type Refusal, unsureWords } from './refusal.ts';
import { shellLayout } from './shell-layout.ts';

/** What an interpreter or shell does with its arguments; null when the command is none. */
export function judgeInterpreter(words: readonly Argument[]): Judgement | null {
  const name = commandName(words[0]) ?? '';
  if (takesCode(name)) return refuseFrom(words, 1, nestedCode(name), name);
  if (isShell(name)) return judgeShell(words, name);
  const interpreter = interpreterNamed(name);
  return interpreter ? judgeProgram(words, interpreter, name) : null;
}

function judgeShell(words: readonly Argument[], name: string): Judgement {
  const { code, file, operands, runsInput } = shellLayout(words);
  if (firstUnsure(words) < operands) return refuseFrom(words, 1, unsureWords(name), name);
  return refuseWhere(
    words,
    (word, index) => {
      if (index === 0 || !isMarked(word) || index >= operands) return null;
      if (index === code) return nestedCode(name);
      return index === file ? choosesProgram(name) : couldBeOption(name);
    },
    runsInput ? name : null,
  );
}

/** What a word is to an interpreter. `open` is data that would be an option if it began with a dash. */
type Role = 'option' | 'code' | 'program' | 'data' | 'open';

function judgeProgram(words: readonly Argument[], interpreter: Interpreter, name: string): Judgement {
  const { roles, settled, runsInput, opensOperands } = readRoles(words, interpreter);
  if (firstUnsure(words) < settled) return refuseFrom(words, 1, unsureWords(name), interpreter.runsInput ? name : null);
  const objections: Record<Role, Refusal | null> = {
    option: nestedCode(name),
    code: nestedCode(name),
    program: interpreter.operand === 'code' ? nestedCode(name) : choosesProgram(name),
    data: opensOperands ? nestedCode(name) : null,
    open: opensOperands ? nestedCode(name) : couldBeOption(name),
  };
  return refuseWhere(
    words,
    (word, index) => (isMarked(word) ? objections[roles[index] ?? 'code'] : null),
    runsInput ? name : null,
  );
}

interface Roles {
  readonly roles: readonly Role[];
  /** The first word whose role is certain whatever it holds. */
  readonly settled: number;
  readonly runsInput: boolean;
  readonly opensOperands: boolean;
}

function readRoles(words: readonly Argument[], interpreter: Interpreter): Roles {
  const roles: Role[] = ['program'];
  let program: 'none' | 'given' | 'input' = interpreter.operand === 'data' ? 'input' : 'none';
  let optionsOver = false;
  let opensOperands = false;
  let settled = words.length;
  while (roles.length < words.length) {
    const word = words[roles.length];
    if (!word) break;
    if (optionsOver && program !== 'none') settled = Math.min(settled, roles.length);
    if (!optionsOver && word.lead.startsWith('-') && word.text !== '-') {
      optionsOver = word.text === '--';
      const option = word.text ?? '';
      roles.push('option', ...optionRoles(option, words[roles.length + 1], interpreter));
      opensOperands ||= interpreter.opensOperands?.test(option) ?? false;
      if (!interpreter.program.test(option)) continue;
      program = 'given';
      optionsOver ||= interpreter.optionsEnd === 'at-program';
    } else if (program === 'none') {
      roles.push('program');
      program = word.text === '-' ? 'input' : 'given';
      optionsOver ||= interpreter.optionsEnd !== 'never';
    } else {
      roles.push(optionsOver || word.lead !== '' ? 'data' : 'open');
      optionsOver ||= interpreter.optionsEnd !== 'never' && word.lead !== '';
    }
  }
  return { roles, settled, runsInput: interpreter.runsInput && program !== 'given', opensOperands };
}

/** The roles of the words that belong to an option. */
function optionRoles(option: string, next: Argument | undefined, interpreter: Interpreter): readonly Role[] {
  if (!next) return [];
  if (interpreter.program.test(option) || interpreter.loads?.test(option)) return ['code'];
  if (!interpreter.data?.test(option)) return [];
  if (/^--(?:arg|argjson|slurpfile|rawfile)$/.test(option)) return ['data', 'data'];
  return [option === '-v' && !/^[A-Za-z_]\w*=/.test(next.lead) ? 'code' : 'data'];
}
