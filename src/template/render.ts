import { isJsonObject, type Json } from '../model/json.ts';
import type { TemplateContext } from '../model/template.ts';
import { evaluate, unfitIn } from './evaluate.ts';
import { textOf } from './helper-table.ts';
import { MAX_OUTPUT } from './limits.ts';
import { countStep, failure, newRender, type Render } from './render-state.ts';
import type { EachBlock, Evaluated, IfBlock, Operand, Piece } from './syntax.ts';
import { isTruthy } from './truth.ts';

/** The text the pieces make. @throws {TemplateError} */
export function renderPieces(pieces: readonly Piece[], source: string, context: TemplateContext): Evaluated<string> {
  const render = newRender(source, context);
  writePieces(render, pieces);
  return { value: render.texts.join(''), confidential: render.confidential };
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
  const text = unfitIn(render, operand.offset, describe(render, operand), () => textOf(value));
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

function describe(render: Render, { offset, length }: Operand): string {
  return `"${render.source.slice(offset, offset + Math.min(length, 64))}"`;
}
