import { escapesOf } from './escapes.ts';

/** Secrets and forms of them with fewer characters are not masked: they would be found everywhere. */
export const SHORTEST_SECRET = 4;

/**
 * Every form of a secret that is masked, as bytes, none twice (reliability G13): itself, itself without space around it,
 * its lines of 8 or more characters, these escaped for JSON, HTML, shells and URLs, and the whole in hex and base64.
 */
export function variantsOf(secret: string): Buffer[] {
  const lineFeeds = secret.replaceAll('\r\n', '\n');
  const wholes = new Set([secret, secret.trim(), lineFeeds, lineFeeds.replaceAll('\n', '\r\n')]);
  const forms = new Set([...wholes, ...longLines(secret)]);
  for (const text of [...forms]) {
    if (NEEDS_ESCAPES.test(text)) for (const form of escapesOf(text)) forms.add(form);
  }
  for (const whole of wholes) {
    const bytes = Buffer.from(whole);
    const hex = bytes.toString('hex');
    for (const form of [hex, hex.toUpperCase(), ...base64Forms(bytes)]) forms.add(form);
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

function longLines(secret: string): string[] {
  if (!/[\r\n]/.test(secret)) return [];
  return secret
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE);
}

/** What base64 makes of the bytes wherever they stand in the encoded data, in both alphabets. */
function base64Forms(bytes: Buffer): string[] {
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
