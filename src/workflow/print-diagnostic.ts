import type { Diagnostic, Place, Severity } from '../model/diagnostic.ts';

/** How diagnostics are printed. */
export interface PrintOptions {
  readonly color: boolean;
}

/** Most diagnostics shown at once. */
export const MOST_SHOWN = 50;

/** Diagnostics as people read them, at most fifty, one blank line between two; empty for none. Ends with a line break. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: PrintOptions): string {
  const shown = diagnostics.slice(0, MOST_SHOWN).map((diagnostic) => formatDiagnostic(diagnostic, options));
  const more = diagnostics.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more\n`] : [])].join('\n');
}

/** One diagnostic: `file:line:col: error: message [code]`, the underlined source line, the hint. Ends with a line break. */
export function formatDiagnostic(diagnostic: Diagnostic, { color }: PrintOptions): string {
  const { place, severity, message, code } = diagnostic;
  const paint = color ? painted : plain;
  const lines = [
    `${paint('bold', `${at(place)}:`)} ${paint(severity, `${severity}:`)} ${harmless(message)} ${paint('dim', `[${code}]`)}`,
  ];
  if (diagnostic.excerpt !== undefined) lines.push(...excerptLines(diagnostic.excerpt, place, severity, paint));
  for (const { message: text, place: where } of diagnostic.related ?? []) {
    lines.push(`  ${at(where)}: ${harmless(text)}`);
  }
  if (diagnostic.hint !== undefined) lines.push(`  ${paint('bold', 'hint:')} ${harmless(diagnostic.hint)}`);
  return `${lines.join('\n')}\n`;
}

/** A diagnostic as data for other programs, with the keys of the command line's JSON. */
export function diagnosticJson(diagnostic: Diagnostic): object {
  const { code, severity, message, place, hint, related } = diagnostic;
  return {
    code,
    severity,
    message,
    ...place,
    ...(hint === undefined ? {} : { hint }),
    ...(related === undefined ? {} : { related: related.map((one) => ({ message: one.message, ...one.place })) }),
  };
}

type Style = Severity | 'bold' | 'dim';
type Paint = (style: Style, text: string) => string;

const CODES: Readonly<Record<Style, number>> = { error: 31, warning: 33, info: 36, bold: 1, dim: 2 };

function painted(style: Style, text: string): string {
  return `\x1b[${CODES[style]}m${text}\x1b[0m`;
}

function plain(_style: Style, text: string): string {
  return text;
}

function at({ file, line, column }: Place): string {
  return `${harmless(file)}:${line}:${column}`;
}

// Longest part of a line that is shown, in UTF-16 units.
const MOST_OF_LINE = 160;

function excerptLines(excerpt: string, place: Place, severity: Severity, paint: Paint): string[] {
  const column = place.column - 1;
  const from = column < MOST_OF_LINE - 40 ? 0 : column - 40;
  const part = excerpt.slice(from, from + MOST_OF_LINE);
  const before = visible(part.slice(0, column - from));
  const marked = visible(part.slice(column - from, column - from + place.length));
  const cut = from > 0 ? '…' : '';
  const rest = visible(part.slice(column - from + place.length)) + (excerpt.length > from + MOST_OF_LINE ? '…' : '');
  const number = String(place.line);
  const margin = ' '.repeat(number.length);
  const underline = paint(severity, '^'.repeat(Math.max(1, widthOf(marked))));
  return [
    `  ${paint('dim', `${number} |`)} ${cut}${before}${marked}${rest}`,
    `  ${paint('dim', `${margin} |`)} ${' '.repeat(widthOf(cut + before))}${underline}`,
  ];
}

// Control characters and marks that reorder text would act on the reader's terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
const HARMFUL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\u2029\u2060\u2066-\u2069\ufeff]/g;

function harmless(text: string): string {
  return text.replace(/\n/g, ' ').replace(/\t/g, ' ').replace(HARMFUL, codePoint);
}

// Tabs become two spaces and no-break spaces a visible mark, so that the underline stands right.
function visible(text: string): string {
  return text
    .replace(/\t/g, '  ')
    .replace(/\u00a0/g, '␣')
    .replace(HARMFUL, codePoint);
}

function codePoint(character: string): string {
  return `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;
}

// Columns on a terminal: East Asian characters and emoji take two, combining marks none.
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += /\p{M}|\u200d/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
