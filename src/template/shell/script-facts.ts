import { type Command, forEachChild, type SyntaxNode } from 'unbash';
import { MAX_SCRIPT_DEPTH } from '../limits.ts';

/** What must be known of a whole script before its parts are looked at. */
export interface ScriptFacts {
  /** Variables that are lists somewhere. */
  readonly arrays: ReadonlySet<string>;
  /** Variables declared as integers: what is assigned to them is calculated. */
  readonly integers: ReadonlySet<string>;
  /** The functions it defines. */
  readonly functions: ReadonlyMap<string, SyntaxNode>;
  /** What the parser objects to, that is: where our understanding of the script ends. */
  readonly errors: readonly { readonly message: string; readonly pos: number }[];
}

/** Collects the facts of a parsed script, scripts within it included. */
export function collectFacts(script: SyntaxNode): ScriptFacts {
  const arrays = new Set<string>();
  const integers = new Set<string>();
  const functions = new Map<string, SyntaxNode>();
  const errors: { message: string; pos: number }[] = [];
  const visit = (node: SyntaxNode, depth: number): void => {
    if (depth > MAX_SCRIPT_DEPTH) {
      errors.push({ message: 'it is nested too deeply', pos: node.pos });
      return;
    }
    if (node.type === 'Script') errors.push(...(('errors' in node && node.errors) || []));
    if (node.type === 'Function') functions.set(node.name.value, node.body);
    if (node.type === 'Assignment' && (node.index || node.value.type === 'ArrayValue')) arrays.add(node.name);
    if (node.type === 'Command') noteDeclared(node, arrays, integers);
    forEachChild(node, (child) => visit(child, depth + 1));
  };
  visit(script, 0);
  return { arrays, integers, functions, errors };
}

/** `declare -a NAME`, `declare -i NAME`, `read -a NAME`, `mapfile NAME`. */
function noteDeclared(command: Command, arrays: Set<string>, integers: Set<string>): void {
  const name = command.name?.value ?? '';
  const flags = command.args.map(({ text }) => (/^-\w/.test(text) ? text : '')).join('');
  const isDeclaration = /^(?:declare|typeset|local|readonly|export|read)$/.test(name);
  const names = command.args.map((word) => (word.type === 'Assignment' ? word.name : word.value));
  const makesLists = (isDeclaration && /[aA]/.test(flags)) || /^(?:mapfile|readarray)$/.test(name);
  for (const variable of names) {
    if (makesLists) arrays.add(variable);
    if (isDeclaration && flags.includes('i')) integers.add(variable);
  }
}
