import { parse, type SyntaxNode } from 'unbash';
import type { Script, Template } from '../../model/template.ts';
import { MAX_SUBSTITUTION_WORK } from '../limits.ts';
import { type Compiled, compiled, type Problem, problemAt, refused, type Span } from '../problem.ts';
import { referencesOf } from '../references.ts';
import type { Insert, Operand, Piece } from '../syntax.ts';
import { bindingTemplate } from './binding.ts';
import { type Placed, writeReferences } from './bound-text.ts';
import { isInComment } from './comment.ts';
import { isScriptPiece, type MarkedScript, type Marker, markReferences } from './marked-script.ts';
import { type Form, Places } from './places.ts';
import { BLOCK, RAW_INSERT, type Refusal, UNDECIDED } from './refusal.ts';
import { collectFacts } from './script-facts.ts';
import { variableFor } from './variable-name.ts';
import { walkScript } from './walk-script.ts';

/** What binding must know of a script. */
export interface BindOptions {
  readonly dialect: 'bash' | 'sh';
  /** Whether what a path reads is surely a number or a truth value. */
  isPlainNumber(path: readonly string[]): boolean;
}

/**
 * Replaces every reference of a script by an environment variable in the quotes its place needs. The text is settled here, once: it
 * never depends on a value. A reference whose value the script would evaluate again is a problem.
 */
export function bindScript(pieces: readonly Piece[], source: string, options: BindOptions): Compiled<string | Script> {
  const foreign = pieces.flatMap((piece) => foreignProblem(piece, source) ?? []);
  if (foreign.length > 0) return refused(foreign);
  const script = markReferences(pieces.filter(isScriptPiece));
  if (script.markers.length === 0) return compiled(script.text);
  if (isTooEntangled(script.text)) return refused([problemAt({ offset: 0, length: 1 }, 'too-large', ENTANGLED, FEWER)]);
  const parsed = parse(script.text);
  const facts = collectFacts(parsed);
  const unreadable = facts.errors.slice(0, 3).map((error) => unreadableProblem(script, error));
  if (unreadable.length > 0) return refused(unreadable);
  const places = new Places(script, ({ insert }) => isNumber(insert.operand, options));
  walkScript(parsed, places, facts, options.dialect);
  return finish(script, parsed, places, source, options);
}

const ENTANGLED = 'too large: the script has too many substitutions for its length';
const FEWER =
  'a script with a template in it is parsed when the file is loaded; put the script in a file, or the value in env';

function isTooEntangled(text: string): boolean {
  const openings = text.match(/[$<>]\(|\(\(|\$[{[]|`/g)?.length ?? 0;
  return openings * text.length > MAX_SUBSTITUTION_WORK;
}

function finish(
  script: MarkedScript,
  parsed: SyntaxNode,
  places: Places,
  source: string,
  options: BindOptions,
): Compiled<Script> {
  const problems: Problem[] = [];
  const placed: Placed[] = [];
  const variables = new Variables(source);
  for (const marker of script.markers) {
    const form = formOf(script, parsed, places, marker);
    if (typeof form !== 'string') problems.push(refusalProblem(marker.insert, form, source));
    else placed.push({ marker, form, variable: form === 'comment' ? '' : variables.nameFor(marker.insert) });
  }
  if (problems.length > 0) return refused(problems);
  const { text, misplaced } = writeReferences(script, placed);
  if (misplaced.length > 0) return refused(misplaced.map(({ insert }) => refusalProblem(insert, UNDECIDED, source)));
  const bindings = variables.all().map(({ variable, insert }) => ({ variable, value: bind(insert, source, options) }));
  const references = referencesOf(script.markers.map(({ insert }) => insert));
  return compiled({ kind: 'script', source, text, references, bindings });
}

function bind(insert: Insert, source: string, options: BindOptions): Template {
  return bindingTemplate(insert, source, isNumber(insert.operand, options));
}

function formOf(script: MarkedScript, parsed: SyntaxNode, places: Places, marker: Marker): Form | Refusal {
  const known = places.refusalOf(marker) ?? places.formOf(marker);
  return known ?? (isInComment(parsed, script, marker) ? 'comment' : UNDECIDED);
}

function isNumber(operand: Operand, options: BindOptions): boolean {
  return operand.kind === 'path' && operand.base === 'context' && options.isPlainNumber(operand.segments);
}

/** Gives each different value of a script one variable: `_R1`, `_R2`, … without those the script itself mentions. */
class Variables {
  readonly #source: string;
  readonly #byValue = new Map<string, { readonly variable: string; readonly insert: Insert }>();
  #last = 0;

  constructor(source: string) {
    this.#source = source;
  }

  nameFor(insert: Insert): string {
    const value = JSON.stringify(insert.operand, (key, part) =>
      key === 'offset' || key === 'length' ? undefined : part,
    );
    const known = this.#byValue.get(value);
    if (known) return known.variable;
    do this.#last++;
    while (this.#source.includes(`_R${this.#last}`));
    const variable = `_R${this.#last}`;
    this.#byValue.set(value, { variable, insert });
    return variable;
  }

  all(): readonly { readonly variable: string; readonly insert: Insert }[] {
    return [...this.#byValue.values()];
  }
}

function foreignProblem(piece: Piece, source: string): Problem | null {
  if (typeof piece === 'string') return null;
  if (piece.kind !== 'insert') return refusalProblem(openingTag(piece, source), BLOCK, source);
  return piece.raw ? refusalProblem(piece, RAW_INSERT, source) : null;
}

function openingTag(block: Span, source: string): Span {
  const end = source.indexOf('}}', block.offset);
  return { offset: block.offset, length: end === -1 ? block.length : end + 2 - block.offset };
}

/** A refusal as the user sees it. */
export function refusalProblem(span: Span & { readonly operand?: Operand }, refusal: Refusal, source: string): Problem {
  const written = source.slice(span.offset, span.offset + span.length);
  const value = written.length > 60 || written.includes('\n') ? '{{ … }}' : written;
  return problemAt(span, 'unsafe-template', refusal.message, refusal.hint(value, variableFor(span.operand)));
}

function unreadableProblem(
  script: MarkedScript,
  { message, pos }: { readonly message: string; readonly pos: number },
): Problem {
  const before = script.markers.findLast((marker) => marker.end <= pos);
  const offset = before ? before.insert.offset + before.insert.length + pos - before.end : pos;
  const hint = 'a script with a template in it is parsed when the file is loaded';
  return problemAt({ offset, length: 1 }, 'bad-template', `this shell script cannot be read: ${message}`, hint);
}
