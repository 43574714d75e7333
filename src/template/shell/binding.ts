import { type Template, type TemplateContext, TemplateError } from '../../model/template.ts';
import { referencesOf } from '../references.ts';
import { renderPieces } from '../render.ts';
import type { Insert } from '../syntax.ts';

/** The value of one variable of a script. `isNumber` makes sure that it is one, because it may stand in arithmetic. */
export function bindingTemplate(insert: Insert, source: string, isNumber: boolean): Template {
  const pieces = [insert];
  return {
    kind: 'template',
    source,
    references: referencesOf(pieces),
    render: (context: TemplateContext) => {
      const { value, confidential } = renderPieces(pieces, source, context);
      const fault = faultOf(value, isNumber);
      if (fault) throw new TemplateError(fault, source, insert.offset);
      return { text: value, confidential };
    },
  };
}

const PLAIN = /^(?:[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?|true|false)$/;

function faultOf(text: string, isNumber: boolean): string | null {
  if (text.includes('\0')) return 'a value with a NUL character cannot be given to a script';
  return isNumber && !PLAIN.test(text) ? 'a number or truth value was expected here' : null;
}
