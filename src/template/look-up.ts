import { isJsonObject, type Json } from '../model/json.ts';
import type { TemplateContext } from '../model/template.ts';
import { failure, type Render } from './render-state.ts';
import type { Evaluated, Path } from './syntax.ts';

/** The value at a path. @throws {TemplateError} when it does not exist, with what there is. */
export function lookUp(render: Render, path: Path): Evaluated {
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
