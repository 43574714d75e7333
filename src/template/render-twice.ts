import type { JsonObject } from '../model/json.ts';
import {
  type Reference,
  type RenderedText,
  type Template,
  type TemplateContext,
  TemplateError,
} from '../model/template.ts';
import { compilePlainText } from './compile-text.ts';
import { type Compiled, compiled, refused } from './problem.ts';

/** A template that is rendered twice, and what is known to be read when it is made. */
export interface TwiceCompiled {
  readonly template: Template;
  /** What the first render reads. */
  readonly first: readonly Reference[];
}

/**
 * Compiles a text that is rendered twice: once like any other, and what came out again as a template of its own, which reads what
 * is imported and nothing else. The template counts all imports among its references: nobody knows before which it will read.
 */
export function compileTwice(
  source: string,
  imports: readonly (readonly [string, string])[],
  helpers: ReadonlySet<string>,
): Compiled<TwiceCompiled> {
  const { value, problems } = compilePlainText(source, helpers);
  if (value === null) return refused(problems);
  const first = typeof value === 'string' ? [] : value.references;
  const later = imports.map((path): Reference => ({ path, offset: 0, length: source.length }));
  const roots = new Set(imports.map(([from]) => from));
  const template: Template = {
    kind: 'template',
    source,
    references: [...first, ...later],
    render: (context) => {
      const once = typeof value === 'string' ? { text: value, confidential: false } : value.render(context);
      const again: TemplateContext = {
        values: only(context.values, roots),
        isConfidential: (path) => context.isConfidential(path),
        ...(context.helpers ? { helpers: context.helpers } : {}),
      };
      return renderAgain(once, again, helpers);
    },
  };
  return compiled({ template, first });
}

function renderAgain(once: RenderedText, context: TemplateContext, helpers: ReadonlySet<string>): RenderedText {
  try {
    const { value, problems } = compilePlainText(once.text, helpers);
    const [problem] = problems;
    if (value === null) throw new TemplateError(problem?.message ?? 'no template', once.text, problem?.offset ?? 0);
    if (typeof value === 'string') return { text: value, confidential: once.confidential };
    const twice = value.render(context);
    return { text: twice.text, confidential: once.confidential || twice.confidential };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(`in the second render: ${once.confidential ? WITHHELD : error.message}`, '', 0);
  }
}

/** A message may quote a part of the text, which no mask knows. */
const WITHHELD = 'the text is not a template that can be rendered; it is confidential and not shown';

function only(values: JsonObject, roots: ReadonlySet<string>): JsonObject {
  const kept = Object.entries(values).filter(([root]) => roots.has(root));
  return Object.assign(Object.create(null), Object.fromEntries(kept));
}
