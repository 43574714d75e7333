import type { Json } from '../model/json.ts';

/**
 * Whether a value counts as true in `if:`, `{{#if}}`, `and`, `or` and `not`. False are `false`, `0`, `null`, empty text and
 * the text `false` (an export is always text); everything else is true, empty lists and objects too.
 */
export function isTruthy(value: Json): boolean {
  return value !== false && value !== 0 && value !== null && value !== '' && value !== 'false';
}
