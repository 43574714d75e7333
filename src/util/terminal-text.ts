/**
 * A line that a task wrote, without its newline, made safe for a terminal (reliability S19): colours stay when `colors`
 * says so, other escape sequences are taken out, what remains of control characters is shown as `\x07`, and a carriage
 * return leaves what stands after it, as on a terminal. The result holds no newline and ends without colour.
 */
export function harmlessLine(line: string, colors: boolean): string {
  if (!SUSPECT.test(line)) return line;
  let colored = false;
  const text = afterLastReturn(line).replace(SEQUENCE_OR_CONTROL, (found, sequence) => {
    if (sequence === undefined) return shown(found);
    if (!colors || !COLOR.test(found)) return '';
    colored = true;
    return found;
  });
  return colored ? `${text}${RESET}` : text;
}

/** A name or message from outside on one line: no escape sequences or control characters, at most `longest` UTF-16 units. */
export function harmlessName(text: string, longest = 500): string {
  const line = harmlessLine(text.trim().replace(/\s+/g, ' '), false);
  return line.length > longest ? `${line.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

const ESCAPE = '\x1b';
const RESET = `${ESCAPE}[0m`;

/** Control characters but the tab, and the characters that end a line or turn the direction of the text around them. */
const CONTROL = '[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]';
const SUSPECT = new RegExp(CONTROL);

/**
 * CSI, the kinds that carry text up to BEL or a terminator, and the short ones (ECMA-48). The terminator may be missing: a
 * pattern that insisted on it would look at the text again from each introducer within it.
 */
const SEQUENCE = [
  '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]',
  '(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\x1b\\x9c]*(?:\\x07|\\x1b\\\\|\\x9c)?',
  '\\x1b[ -/]*[0-OQ-WYZ\\\\`-~]',
].join('|');
const SEQUENCE_OR_CONTROL = new RegExp(`(${SEQUENCE})|${CONTROL}`, 'g');

/** The one sequence that is kept, in the spelling that all terminals know: `ESC [ numbers m`. */
const COLOR = new RegExp(`^${ESCAPE}\\[[0-9;:]*m$`);

function afterLastReturn(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  const start = end === 0 ? 0 : line.lastIndexOf('\r', end - 1) + 1;
  return line.slice(start, end);
}

function shown(control: string): string {
  const code = control.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
}
