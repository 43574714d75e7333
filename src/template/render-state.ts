import type { Json } from '../model/json.ts';
import { type TemplateContext, TemplateError } from '../model/template.ts';
import { MAX_STEPS } from './limits.ts';
import type { Evaluated } from './syntax.ts';

/** One render under way. */
export interface Render {
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
export interface Item extends Evaluated {
  readonly path: readonly string[] | null;
  readonly loop: Readonly<Record<string, Json>>;
}

/** Begins a render. */
export function newRender(source: string, context: TemplateContext): Render {
  const budget = { steps: 0, output: 0 };
  return { source, context, lenient: false, item: null, budget, texts: [], confidential: false };
}

/** Counts a step of a render. @throws {TemplateError} when there were too many. */
export function countStep(render: Render, offset: number): void {
  render.budget.steps++;
  if (render.budget.steps > MAX_STEPS) throw failure(render, offset, `the template takes more than ${MAX_STEPS} steps`);
}

/** What ends a render, at its place. */
export function failure(render: Render, offset: number, message: string): TemplateError {
  return new TemplateError(message, render.source, offset);
}
