import { escapesOf } from './escapes.ts';

/** Secrets with fewer characters are not masked: they would be found everywhere. */
export const SHORTEST_SECRET = 4;

/**
 * Every form of a secret that is masked, as bytes, none twice (reliability G13): its text and its lines of 8 or more
 * characters, plain and escaped for JSON, HTML, shells and URLs; the whole in hex, and in base64 also with the newline that
 * `echo` adds.
 */
export function variantsOf(secret: string): Buffer[] {
  const text = withBothLineEnds(secret.trim());
  const forms = new Set([...text, ...longLines(secret)]);
  for (const plain of [...forms]) {
    if (NEEDS_ESCAPES.test(plain)) for (const form of escapesOf(plain)) forms.add(form);
  }
  for (const whole of text) {
    for (const form of [...hexForms(whole), ...base64Forms(whole), ...base64Forms(`${whole}\n`)]) forms.add(form);
  }
  return [...forms].filter(isLongEnough).map((form) => Buffer.from(form));
}

/** Whether a text is long enough to be masked; space around it does not count. */
export function isLongEnough(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length >= 2 * SHORTEST_SECRET || [...trimmed].length >= SHORTEST_SECRET;
}

/** Characters that some rule escapes. */
const NEEDS_ESCAPES = /[^\w.-]/;

const SHORTEST_LINE = 8;

function withBothLineEnds(text: string): Set<string> {
  const lineFeeds = text.replaceAll('\r\n', '\n');
  return new Set([text, lineFeeds, lineFeeds.replaceAll('\n', '\r\n')]);
}

function longLines(secret: string): string[] {
  return secret
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE);
}

function hexForms(text: string): string[] {
  const hex = Buffer.from(text).toString('hex');
  return [hex, hex.toUpperCase()];
}

/** What base64 makes of the text wherever it stands in the encoded data, in both alphabets. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  const standard = [0, 1, 2].flatMap((before) => alignedBase64(bytes, before));
  return [...standard, ...standard.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}

/**
 * Base64 of the bytes after `before` others: the characters that depend on nothing else, and, for data that ends with the
 * secret, the last character too, without and with padding.
 */
function alignedBase64(bytes: Buffer, before: number): string[] {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const start = Math.ceil((before * 8) / 6);
  const stable = Math.floor(((before + bytes.length) * 8) / 6);
  return [encoded.slice(start, stable), encoded.slice(start).replace(/=+$/, ''), encoded.slice(start)];
}
