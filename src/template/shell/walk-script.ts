import {
  type Assignment,
  type Command,
  type CommandArgument,
  forEachChild,
  type HereDoc,
  type Redirection,
  type SyntaxNode,
  type TestExpression,
  type Word,
} from 'unbash';
import type { Argument } from './argument.ts';
import { calledReader, codeReader, outputReader } from './code-reader.ts';
import { judgeCommand } from './judge.ts';
import type { Places, Range } from './places.ts';
import {
  evaluatedLater,
  feedsInterpreter,
  HERE_DOCUMENT_DELIMITER,
  NAME_POSITION,
  QUOTED_HERE_DOCUMENT,
  type Refusal,
  specialVariable,
} from './refusal.ts';
import type { ScriptFacts } from './script-facts.ts';
import { runsItsValue } from './special-variables.ts';
import {
  noteNames,
  noteVariables,
  placeLiteral,
  type Walk,
  walkArithmetic,
  walkIndex,
  walkParts,
  walkWord,
} from './walk-word.ts';
import { argumentOf } from './word-argument.ts';

/** Finds the form of every reference in a parsed script, or why it cannot stand there. What is not reached stays open. */
export function walkScript(script: SyntaxNode, places: Places, facts: ScriptFacts, dialect: 'bash' | 'sh'): void {
  const walk: ScriptWalk = {
    places,
    dialect,
    facts,
    evaluated: new Set(facts.integers),
    assigned: [],
    script: (node) => walkNode(walk, node),
  };
  walkNode(walk, script);
  const reader = outputReader(script, facts);
  if (reader !== null) refuseEverything(walk, script, feedsInterpreter(reader));
  for (const { name, value } of walk.assigned) {
    if (walk.evaluated.has(name) && places.holds(value) === 'values') places.refuseAll(value, evaluatedLater(name));
  }
}

interface ScriptWalk extends Walk {
  readonly facts: ScriptFacts;
  /** Values that go into a variable. */
  readonly assigned: { readonly name: string; readonly value: Range }[];
}

function walkNode(walk: ScriptWalk, node: SyntaxNode): void {
  switch (node.type) {
    case 'Word':
      walkWord(walk, node);
      break;
    case 'Command':
      walkCommand(walk, node);
      break;
    case 'Assignment':
      walkAssignment(walk, node);
      break;
    case 'Redirect':
    case 'HereString':
    case 'HereDoc':
      walkRedirection(walk, node);
      break;
    case 'TestCommand':
      walkTest(walk, node.expression);
      break;
    case 'ArithmeticCommand':
      walkArithmetic(walk, node, node.expression);
      break;
    case 'ArithmeticFor':
      walkArithmetic(walk, { pos: node.pos, end: node.body.pos }, node.initialize, node.test, node.update);
      walkNode(walk, node.body);
      break;
    case 'Pipeline':
      walkPipeline(walk, node.commands);
      break;
    default:
      walkCompound(walk, node);
  }
}

/** A command made of others: loops, conditions, functions, groups. */
function walkCompound(walk: ScriptWalk, node: SyntaxNode): void {
  if (node.type === 'For' || node.type === 'Select' || node.type === 'Function' || node.type === 'Coproc') {
    if (node.name) walk.places.refuseAll(node.name, NAME_POSITION);
  }
  if (node.type === 'For' || node.type === 'Select') {
    for (const value of node.wordlist ?? []) walk.assigned.push({ name: node.name.value, value });
  }
  if (node.type === 'Redirected') refuseInput(walk, node.redirects, codeReader(node.command, walk.facts));
  forEachChild(node, (child) => walkNode(walk, child));
}

/** What an earlier command writes is the input of every later one. */
function walkPipeline(walk: ScriptWalk, commands: readonly SyntaxNode[]): void {
  let reader: string | null = null;
  for (const command of commands.toReversed()) {
    if (reader !== null) refuseEverything(walk, command, feedsInterpreter(reader));
    walkNode(walk, command);
    reader = codeReader(command, walk.facts) ?? reader;
  }
}

function walkCommand(walk: ScriptWalk, command: Command): void {
  const nodes = command.name ? [command.name, ...command.args] : [];
  const words = nodes.map((node) => argumentOf(node, walk.places));
  const { refusals, runsInput } = judgeCommand(words, { inShell: true, arrays: walk.facts.arrays });
  for (const [index, refusal] of refusals) refuseEverything(walk, nodes[index] ?? command, refusal);
  refuseInput(walk, command.redirects, runsInput ?? calledReader(command, walk.facts));
  noteEvaluated(walk, nodes, words);
  forEachChild(command, (child) => walkNode(walk, child));
}

/** `eval "$x"`, `$x …`, `read $x`: a variable that stands where no value may stand is evaluated. */
function noteEvaluated(walk: ScriptWalk, nodes: readonly CommandArgument[], words: readonly Argument[]): void {
  const asValues = words.map(
    (word): Argument => (word.text === null && !word.assigns ? { ...word, holds: 'values' } : word),
  );
  const { refusals } = judgeCommand(asValues, { inShell: true, arrays: walk.facts.arrays });
  for (const index of refusals.keys()) noteVariables(walk, nodes[index]?.text ?? '');
  if (words[0]?.text === 'let') for (const { text } of nodes.slice(1)) noteNames(walk, text);
}

/** A here-document, here-string or file that an interpreter reads its program from. */
function refuseInput(walk: ScriptWalk, redirections: readonly Redirection[], reader: string | null): void {
  if (reader === null) return;
  for (const redirection of redirections) {
    if (redirection.type !== 'Redirect' || redirection.operator.startsWith('<')) {
      refuseEverything(walk, redirection, feedsInterpreter(reader));
    }
  }
}

/** Refuses all references in a node, those in its here-documents included: they stand behind it. */
function refuseEverything(walk: ScriptWalk, node: SyntaxNode, refusal: Refusal): void {
  if (node.type === 'Script' && node.source !== undefined) return;
  walk.places.refuseAll(node, refusal);
  forEachChild(node, (child) => refuseEverything(walk, child, refusal));
}

function walkAssignment(walk: ScriptWalk, { name, pos, index, value }: Assignment): void {
  walk.places.refuseAll({ pos, end: Math.min(index?.pos ?? value.pos, value.pos) }, NAME_POSITION);
  if (runsItsValue(name)) walk.places.refuseAll(value, specialVariable(name));
  if (index) walkIndex(walk, index);
  walk.assigned.push({ name, value });
  if (value.type === 'Word') walkWord(walk, value);
  else for (const element of value.elements) walkElement(walk, element);
}

/** `[subscript]=value` in a list: the subscript is arithmetic. */
function walkElement(walk: ScriptWalk, element: Word): void {
  const plain = /^\[[\w.-]*\]\+?=/.exec(element.text)?.[0];
  if (element.text.startsWith('[')) {
    const end = plain === undefined ? element.end : element.pos + plain.length;
    walk.places.refuseAll({ pos: element.pos, end }, NAME_POSITION);
  }
  walkWord(walk, element);
}

function walkRedirection(walk: ScriptWalk, redirection: Redirection): void {
  if (redirection.type === 'HereDoc') walkHereDocument(walk, redirection);
  else if (redirection.target) walkWord(walk, redirection.target);
}

function walkHereDocument(walk: ScriptWalk, { delimiter, body }: HereDoc): void {
  if (delimiter) walk.places.refuseAll(delimiter, HERE_DOCUMENT_DELIMITER);
  if (!delimiter || delimiter.quoted) walk.places.refuseAll(body, QUOTED_HERE_DOCUMENT);
  else if (body.parts) walkParts(walk, body.parts, 'quoted');
  else placeLiteral(walk, body, 'quoted');
}

const ARITHMETIC_TEST = /^-(?:eq|ne|lt|le|gt|ge)$/;

function walkTest(walk: ScriptWalk, test: TestExpression): void {
  if (test.type === 'TestUnary' && /^-[vR]$/.test(test.operator)) {
    walk.places.refuseAll(test, NAME_POSITION);
    noteVariables(walk, test.operand.text);
  }
  if (test.type === 'TestBinary' && ARITHMETIC_TEST.test(test.operator)) {
    walkIndex(walk, test.left);
    walkIndex(walk, test.right);
  } else {
    forEachChild(test, (child) => (isTest(child) ? walkTest(walk, child) : walkNode(walk, child)));
  }
}

function isTest(node: SyntaxNode): node is TestExpression {
  return node.type.startsWith('Test') && node.type !== 'TestCommand';
}
