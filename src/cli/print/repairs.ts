import type { Diagnostic } from '../../model/diagnostic.ts';
import { harmlessLine } from '../../util/terminal-text.ts';
import type { Terminal } from './terminal.ts';

/** Prints what was mended, one line each: `file:line:col: repaired: message [code]`. */
export async function printRepairs(repairs: readonly Diagnostic[], terminal: Terminal): Promise<void> {
  if (repairs.length > 0) await terminal.write(repairs.map(repairLine).join(''));
}

function repairLine({ place: { file, line, column }, message, code }: Diagnostic): string {
  const text = `${file}:${line}:${column}: repaired: ${message} [${code}]`;
  return `${harmlessLine(text.replaceAll('\n', ' '), false)}\n`;
}
