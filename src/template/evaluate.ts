import { isJsonObject, type Json } from '../model/json.ts';
import { type TemplateContext, TemplateError } from '../model/template.ts';
import { HELPERS, textOf, UnfitValue } from './helper-table.ts';
import { MAX_OUTPUT, MAX_STEPS } from './limits.ts';
import type { Call, EachBlock, Evaluated, IfBlock, Operand, Path, Piece } from './syntax.ts';
import { isTruthy } from './truth.ts';

/** The text the pieces make. @throws {TemplateError} */
export function renderPieces(pieces: readonly Piece[], source: string, context: TemplateContext): Evaluated<string> {
  const render = newRender(source, context);
  writePieces(render, pieces);
  return { value: render.texts.join(''), confidential: render.confidential };
}

/** The value of a condition; what is missing below `trigger.payload` counts as null. @throws {TemplateError} */
export function evaluateCondition(operand: Operand, source: string, context: TemplateContext): Evaluated {
  return evaluate({ ...newRender(source, context), lenient: true }, operand);
}

/** One render under way. */
interface Render {
  readonly source: string;
  readonly context: TemplateContext;
  /** A missing value below `trigger.payload` is null instead of an error. */
  readonly lenient: boolean;
  readonly item: Item | null;
  /** Shared by all scopes of the render. */
  readonly budget: { steps: number; output: number };
  readonly texts: string[];
  confidential: boolean;
}

/** What `this` is within `each`. `path` is where the item stands in the context, or null when it was computed. */
interface Item extends Evaluated {
  readonly path: readonly string[] | null;
  readonly loop: Readonly<Record<string, Json>>;
}

function newRender(source: string, context: TemplateContext): Render {
  const budget = { steps: 0, output: 0 };
  return { source, context, lenient: false, item: null, budget, texts: [], confidential: false };
}

function writePieces(render: Render, pieces: readonly Piece[]): void {
  for (const piece of pieces) {
    if (typeof piece === 'string') write(render, piece, 0);
    else if (piece.kind === 'insert') writeInsert(render, piece.operand);
    else if (piece.kind === 'if') writeIf(render, piece);
    else writeEach(render, piece);
  }
}

function write(render: Render, text: string, offset: number): void {
  render.budget.output += text.length;
  if (render.budget.output > MAX_OUTPUT)
    throw failure(render, offset, `the text is longer than ${MAX_OUTPUT} characters`);
  render.texts.push(text);
}

function writeInsert(render: Render, operand: Operand): void {
  const { value, confidential } = evaluate(render, operand);
  const text = fitting(render, operand, () => textOf(value));
  render.confidential ||= confidential;
  write(render, text, operand.offset);
}

/** A condition decides what goes in, it does not go in itself: it makes nothing confidential. */
function writeIf(render: Render, block: IfBlock): void {
  const { value } = evaluate({ ...render, lenient: true }, block.condition);
  writePieces(render, isTruthy(value) === block.negated ? block.otherwise : block.body);
}

function writeEach(render: Render, block: EachBlock): void {
  const { value, confidential } = evaluate(render, block.list);
  const entries = entriesOf(value);
  if (!entries)
    throw failure(render, block.list.offset, `${describe(render, block.list)} is neither a list nor an object`);
  if (entries.length === 0) writePieces(render, block.otherwise);
  for (const [index, [key, item]] of entries.entries()) {
    countStep(render, block.offset);
    const loop = { index, key, first: index === 0, last: index === entries.length - 1 };
    const scope = { ...render, item: { value: item, confidential, path: itemPath(render, block.list, key), loop } };
    writePieces(scope, block.body);
    render.confidential ||= scope.confidential;
  }
}

function entriesOf(value: Json): readonly (readonly [string, Json])[] | null {
  if (Array.isArray(value)) return value.map((item: Json, index) => [String(index), item]);
  return isJsonObject(value) ? Object.entries(value) : null;
}

function itemPath(render: Render, list: Operand, key: string): readonly string[] | null {
  if (list.kind !== 'path' || list.base === 'loop') return null;
  if (list.base === 'context') return [...list.segments, key];
  return render.item?.path ? [...render.item.path, ...list.segments, key] : null;
}

function evaluate(render: Render, operand: Operand): Evaluated {
  countStep(render, operand.offset);
  if (operand.kind === 'literal') return { value: operand.value, confidential: false };
  return operand.kind === 'path' ? lookUp(render, operand) : call(render, operand);
}

function countStep(render: Render, offset: number): void {
  render.budget.steps++;
  if (render.budget.steps > MAX_STEPS) throw failure(render, offset, `the template takes more than ${MAX_STEPS} steps`);
}

function call(render: Render, { helper: name, operands, offset }: Call): Evaluated {
  if (name === 'default') return withDefault(render, operands);
  if (name === 'and' || name === 'or') return decide(render, operands, name === 'or');
  const helper = HELPERS.get(name);
  if (!helper) throw new Error(`Internal error: helper "${name}" passed the compiler`);
  const values = operands.map((operand) => evaluate(render, operand));
  const value = unfitIn(render, offset, `a value of "${name}"`, () =>
    helper.call(...values.map((argument) => argument.value)),
  );
  return { value, confidential: values.some((argument) => argument.confidential) };
}

/** The first value unless it is missing, null or empty. */
function withDefault(render: Render, operands: readonly Operand[]): Evaluated {
  const [wanted, otherwise] = pair(operands);
  const first = evaluate({ ...render, lenient: true }, wanted);
  return first.value === null || first.value === '' ? also(first, evaluate(render, otherwise)) : first;
}

function pair(operands: readonly Operand[]): readonly [Operand, Operand] {
  const [first, second] = operands;
  if (!first || !second) throw new Error('Internal error: "default" without two values passed the compiler');
  return [first, second];
}

/** The value that decides: the first true one of `or`, the first false one of `and`, else the last. */
function decide(render: Render, operands: readonly Operand[], stopAt: boolean): Evaluated {
  let result: Evaluated = { value: !stopAt, confidential: false };
  for (const operand of operands) {
    result = also(result, evaluate(render, operand));
    if (isTruthy(result.value) === stopAt) return result;
  }
  return result;
}

function also(before: Evaluated, result: Evaluated): Evaluated {
  return { value: result.value, confidential: before.confidential || result.confidential };
}

function lookUp(render: Render, path: Path): Evaluated {
  const item = render.item;
  if (path.base === 'context') {
    const value = follow(render, path, render.context.values, path.segments);
    return { value, confidential: isConfidential(render.context, path.segments, value) };
  }
  if (!item) throw new Error('Internal error: a path into an item passed the compiler outside of "each"');
  if (path.base === 'loop') return { value: item.loop[path.segments[0] ?? ''] ?? null, confidential: false };
  const value = follow(render, path, item.value, path.segments);
  const full = item.path && [...item.path, ...path.segments];
  return { value, confidential: item.confidential || (full !== null && isConfidential(render.context, full, value)) };
}

/** A whole root, such as all exports of a task, is confidential when anything in it is. */
function isConfidential(context: TemplateContext, path: readonly string[], value: Json): boolean {
  if (context.isConfidential(path)) return true;
  return (
    path.length === 1 && isJsonObject(value) && Object.keys(value).some((key) => context.isConfidential([...path, key]))
  );
}

function follow(render: Render, path: Path, start: Json, segments: readonly string[]): Json {
  let value = start;
  for (const [index, segment] of segments.entries()) {
    const next = ownProperty(value, segment);
    if (next === undefined) return missing(render, path, value, index);
    value = next;
  }
  return value;
}

/** Own properties only, so that nothing but data is ever reached. */
function ownProperty(value: Json, key: string): Json | undefined {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function missing(render: Render, path: Path, parent: Json, index: number): null {
  const full = path.base === 'item' ? ['this', ...path.segments] : path.segments;
  const at = path.base === 'item' ? index + 1 : index;
  if (render.lenient && isBelowPayload(path.base === 'item' ? (render.item?.path ?? []) : full.slice(0, at)))
    return null;
  const message = `"${full.slice(0, at + 1).join('.')}" does not exist; ${available(parent, full.slice(0, at).join('.'))}`;
  throw failure(render, path.offset, message);
}

function isBelowPayload(path: readonly string[]): boolean {
  return path[0] === 'trigger' && path[1] === 'payload';
}

const MOST_NAMES = 10;

function available(parent: Json, name: string): string {
  const owner = name === '' ? 'there is' : `"${name}" has`;
  if (Array.isArray(parent)) return `${owner} ${parent.length} items`;
  if (!isJsonObject(parent)) return `"${name}" is ${parent === null ? 'null' : 'not an object'}`;
  const keys = Object.keys(parent).sort();
  if (keys.length === 0) return `${owner} nothing`;
  const more = keys.length > MOST_NAMES ? `, and ${keys.length - MOST_NAMES} more` : '';
  return `${owner} ${keys
    .slice(0, MOST_NAMES)
    .map((key) => key.slice(0, 64))
    .join(', ')}${more}`;
}

function fitting(render: Render, operand: Operand, make: () => string): string {
  return unfitIn(render, operand.offset, describe(render, operand), make);
}

function unfitIn<T>(render: Render, offset: number, subject: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw failure(render, offset, `${subject} ${error.message}`);
  }
}

function describe(render: Render, { offset, length }: Operand): string {
  return `"${render.source.slice(offset, offset + Math.min(length, 64))}"`;
}

function failure(render: Render, offset: number, message: string): TemplateError {
  return new TemplateError(message, render.source, offset);
}
