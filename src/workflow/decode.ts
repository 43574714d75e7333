import { formatSize } from '../util/size.ts';
import type { Limits } from './limits.ts';
import { Reporter } from './reporter.ts';
import { Source } from './source.ts';

/** Turns the bytes of a file into text; problems that make further reading pointless are reported and leave it unusable. */
export function decode(file: string, bytes: Uint8Array, limits: Limits): Reporter {
  if (bytes.length > limits.bytes) return tooLarge(file, bytes.length, limits.bytes);
  const text = decodeUtf8(bytes);
  if (text === null) return notUtf8(file, bytes);
  const reporter = new Reporter(new Source(file, text));
  checkLineEnds(reporter);
  checkControlCharacters(reporter);
  checkHiddenCharacters(reporter);
  return reporter;
}

/** The start of a file, where remarks about the whole of it stand. */
export const FILE_START = { start: 0, end: 1 };

// A byte order mark is dropped by the decoder.
function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function tooLarge(file: string, size: number, limit: number): Reporter {
  const reporter = new Reporter(new Source(file, ''));
  reporter.error('too-large', FILE_START, `the file is too large: ${formatSize(size)}, at most ${formatSize(limit)}`);
  return reporter;
}

function notUtf8(file: string, bytes: Uint8Array): Reporter {
  const offset = validPrefix(bytes);
  const text = new TextDecoder().decode(bytes.subarray(0, offset));
  const reporter = new Reporter(new Source(file, text));
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const hex = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
  const message = wide ? 'the file is UTF-16, not UTF-8' : `byte ${offset} (0x${hex}) is not UTF-8`;
  reporter.error('not-utf8', { start: text.length, end: text.length + 1 }, message, { hint: 'save the file as UTF-8' });
  return reporter;
}

// How many bytes from the start are valid UTF-8: halves the range instead of decoding byte by byte.
function validPrefix(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isValidStart(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low - unfinished(bytes.subarray(0, low)));
}

// `stream` accepts a character that is cut at the end.
function isValidStart(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

// Bytes at the end that begin a character but do not finish it.
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

function checkLineEnds(reporter: Reporter): void {
  const { text } = reporter.source;
  const at = text.search(/\r(?!\n)/);
  if (at < 0) return;
  reporter.error('old-line-ends', { start: at, end: at + 1 }, 'a line ends with a carriage return alone (old Mac)', {
    hint: 'save the file with line ends of Unix (LF) or Windows (CRLF)',
  });
}

function checkControlCharacters(reporter: Reporter): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const match = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(reporter.source.text);
  if (match === null) return;
  const code = match[0].charCodeAt(0).toString(16).padStart(2, '0');
  const hint = code === '00' ? 'is this a text file?' : `in double quotes write "\\x${code}"`;
  const range = { start: match.index, end: match.index + 1 };
  reporter.error('control-character', range, `the control character 0x${code} cannot stand in a file`, { hint });
}

// Characters that make text look different from what it is; joiners are left alone, they belong to emoji and scripts.
const HIDDEN = /[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]/g;

const MOST_HIDDEN = 100;

function checkHiddenCharacters(reporter: Reporter): void {
  let found = 0;
  for (const match of reporter.source.text.matchAll(HIDDEN)) {
    if (found++ >= MOST_HIDDEN) return;
    const name = `U+${match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    const range = { start: match.index, end: match.index + 1 };
    reporter.warning('hidden-character', range, `the invisible character ${name} stands here`, {
      hint: 'text around it may not be what it looks like; delete it, or write it as an escape in double quotes',
    });
  }
}
