/**
 * A line that a task wrote, without its newline, made safe for a terminal: colours stay when wanted, any other escape
 * sequence is taken out, what remains of control characters is shown as `\x07`, and a carriage return leaves what stands
 * after it, as on a terminal. Never returns a newline.
 */
export function harmlessLine(line: string, color: boolean): string {
  const text = afterLastReturn(line);
  if (!color || !text.includes('\x1b')) return harmless(text);
  // Every second part is a colour.
  const parts = text.split(COLOR).map((part, index) => (index % 2 === 0 ? harmless(part) : part));
  return parts.length > 1 ? parts.join('') + RESET : parts.join('');
}

/** A name or message from outside on one line: no colours, no control characters, at most `longest` characters. */
export function harmlessName(text: string, longest = 500): string {
  const line = harmless(text.replace(SEQUENCES, '').trim().replace(/\s+/g, ' '));
  return line.length > longest ? `${line.slice(0, longest - 3)}...` : line;
}

const RESET = '\x1b[0m';

/** CSI, the kinds that carry text up to BEL or a terminator, and the short ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const COLOR = /(\x1b\[[0-9;:]*m)/;

/** Control characters but the tab, and the characters that turn the direction of the text around them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
function harmless(text: string): string {
  return text.replace(SEQUENCES, '').replace(CONTROLS, escaped);
}

function afterLastReturn(line: string): string {
  const text = line.replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
}
