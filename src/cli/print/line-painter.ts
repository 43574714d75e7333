import { isUtf8 } from 'node:buffer';
import { harmlessLine } from '../../util/terminal-text.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { isPlain, plainUntil } from './plain-bytes.ts';

/**
 * Writes a block of whole lines, each after `prefix`, made harmless. Blocks that hold nothing but text, nearly all, are not
 * looked at line by line.
 */
export function paintLines(target: OutputBuffer, prefix: Buffer, block: Buffer, color: boolean): void {
  const text = isUtf8(block) ? block : Buffer.from(block.toString());
  if (isPlain(text)) target.bytes(prefixed(text, prefix));
  else paintOneByOne(target, prefix, text, color);
}

const NEWLINE = 0x0a;

/** Latin-1 stands for any bytes here: it gives back what it was given, and strings are quick to cut and join. */
function prefixed(text: Buffer, prefix: Buffer): Buffer {
  const start = prefix.toString('latin1');
  const lines = text.toString('latin1', 0, text.length - 1).replaceAll('\n', `\n${start}`);
  return Buffer.from(`${start}${lines}\n`, 'latin1');
}

function paintOneByOne(target: OutputBuffer, prefix: Buffer, text: Buffer, color: boolean): void {
  for (let start = 0; start < text.length; ) {
    target.bytes(prefix);
    const stop = plainUntil(text, start);
    const end = text.indexOf(NEWLINE, stop) + 1;
    if (stop === end - 1) target.bytes(text.subarray(start, end));
    else if (isBinary(text, stop, end)) target.text(`(binary, ${end - 1 - start} bytes)\n`);
    else target.text(`${harmlessLine(text.toString('utf8', start, end - 1), color)}\n`);
    start = end;
  }
}

/** Nobody reads a line with NUL in it, and escaping all of it would take longer than printing it took. */
function isBinary(text: Buffer, start: number, end: number): boolean {
  const at = text.indexOf(0, start);
  return at >= 0 && at < end;
}
