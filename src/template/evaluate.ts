import type { Json } from '../model/json.ts';
import { type HelperQuestion, type TemplateContext, UnansweredHelper } from '../model/template.ts';
import { HELPERS, UnfitValue } from './helper-table.ts';
import { lookUp } from './look-up.ts';
import { countStep, failure, newRender, type Render } from './render-state.ts';
import type { Call, Evaluated, Operand } from './syntax.ts';
import { isTruthy } from './truth.ts';

/** The value of a condition; what is missing below `trigger.payload` counts as null. @throws {TemplateError} */
export function evaluateCondition(operand: Operand, source: string, context: TemplateContext): Evaluated {
  return evaluate({ ...newRender(source, context), lenient: true }, operand);
}

/** The value of an operand within a render. @throws {TemplateError} */
export function evaluate(render: Render, operand: Operand): Evaluated {
  countStep(render, operand.offset);
  if (operand.kind === 'literal') return { value: operand.value, confidential: false };
  return operand.kind === 'path' ? lookUp(render, operand) : call(render, operand);
}

function call(render: Render, { helper: name, operands, offset }: Call): Evaluated {
  if (name === 'default') return withDefault(render, operands);
  if (name === 'and' || name === 'or') return decide(render, operands, name === 'or');
  const helper = HELPERS.get(name);
  const values = operands.map((operand) => evaluate(render, operand));
  const given = values.map((argument) => argument.value);
  const value = helper
    ? unfitIn(render, offset, `a value of "${name}"`, () => helper.call(...given))
    : answer(render, offset, { helper: name, values: given });
  return { value, confidential: values.some((argument) => argument.confidential) };
}

/** What the helper of a plugin says. @throws {UnansweredHelper} when it has not been asked yet */
function answer(render: Render, offset: number, question: HelperQuestion): Json {
  const { helper } = question;
  const { helpers } = render.context;
  if (!helpers) throw failure(render, offset, `the helper "${helper}" of a plugin cannot be asked here`);
  const said = helpers.answerTo(question);
  if (!said) throw new UnansweredHelper(question);
  if ('problem' in said) throw failure(render, offset, `the helper "${helper}" failed: ${said.problem}`);
  return said.value;
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

/** Does something with a value that may not fit; `subject` is who is told so. @throws {TemplateError} */
export function unfitIn<T>(render: Render, offset: number, subject: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw failure(render, offset, `${subject} ${error.message}`);
  }
}
