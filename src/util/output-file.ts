import { isUtf8 } from 'node:buffer';
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readSync, rmSync } from 'node:fs';
import { formatSize } from './size.ts';

/** Most bytes of one value: what fits into an environment variable on Linux. */
export const MOST_VALUE_BYTES = 128 * 1024;

/** Most bytes of an output file. */
export const MOST_FILE_BYTES = 1024 * 1024;

/** What a task wrote, by name; or the first mistake, its line counting from 1, or 0 when it is the whole file's. */
export type WrittenOutputs =
  | { readonly values: ReadonlyMap<string, string> }
  | { readonly error: { readonly line: number; readonly message: string } };

/**
 * Reads `name=value` lines and `name<<DELIMITER` … `DELIMITER` blocks of UTF-8 text; the later of two equal names wins
 * (docs/outputs.md). Messages never quote the text: it may be a secret.
 */
export function parseOutputs(bytes: Uint8Array): WrittenOutputs {
  if (bytes.length > MOST_FILE_BYTES) return wrong(0, `more than ${formatSize(MOST_FILE_BYTES)}`);
  if (!isUtf8(bytes)) return wrong(firstBadLine(bytes), 'not UTF-8 text');
  const lines = Buffer.from(bytes).toString().replace(BYTE_ORDER_MARK, '').split('\n');
  const values = new Map<string, string>();
  for (let at = 0; at < lines.length; ) {
    const entry = entryAt(lines, at);
    if (entry === null) at += 1;
    else if ('problem' in entry) return wrong(at + 1, entry.problem);
    else {
      const value = plainValue(entry.text);
      if ('problem' in value) return wrong(at + 1, `"${entry.name}" ${value.problem}`);
      values.set(entry.name, value.text);
      at = entry.next;
    }
  }
  return { values };
}

/**
 * Reads what a task wrote, so far, to `$OUTPUT_FILE` and to `${OUTPUT_FILE}_<task>` (seeds X14), the second winning. Anything but
 * a regular file of fitting size is a mistake of the task. The message says which file and line.
 */
export function readOutputs(job: OutputFiles): WrittenOutputs {
  const values = new Map<string, string>();
  for (const { path, shownAs } of filesOf(job)) {
    const written = readOne(path, shownAs);
    if ('error' in written) return written;
    for (const [name, value] of written.values) values.set(name, value);
  }
  return { values };
}

/** Why a text cannot be the value of an output, as the end of a sentence, or null. */
export function valueProblem(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  return Buffer.byteLength(text) > MOST_VALUE_BYTES ? `is longer than ${formatSize(MOST_VALUE_BYTES)}` : null;
}

/**
 * Removes what a task wrote, as far as that can be done: what it has made so that it cannot is left to whoever removes the whole
 * folder of outputs, and can say so. Only after what was read is durable: whoever takes up the run must find it.
 */
export function removeOutputs(job: OutputFiles): void {
  for (const { path } of filesOf(job)) if (existsSync(path)) tryToRemove(path);
}

/** What cannot be removed, as a folder in the place of the file, is left to whoever removes the whole folder of outputs, and can say so. */
function tryToRemove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** Bytes in the output files of a task; 0 while there are none. */
export function outputSize(job: OutputFiles): number {
  return filesOf(job).reduce((sum, { path }) => sum + (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** What tells where a task writes its outputs. */
export interface OutputFiles {
  /** Absolute path: the task's `$OUTPUT_FILE`. */
  readonly outputFile: string;
  /** The task's name in the workflow file. */
  readonly task: string;
}

function filesOf({ outputFile, task }: OutputFiles): { readonly path: string; readonly shownAs: string }[] {
  return [
    { path: outputFile, shownAs: '$OUTPUT_FILE' },
    { path: `${outputFile}_${task}`, shownAs: `\${OUTPUT_FILE}_${task}` },
  ];
}

const BYTE_ORDER_MARK = /^\ufeff/;

/** Names as the schema allows them for exports, then a value to the end of the line or a delimiter. */
const ENTRY = /^([A-Za-z_][A-Za-z0-9_-]{0,63})(?:=(.*)|<<(\S+))$/s;
const EXPECTED = 'expected name=value, or name<<DELIMITER for a value of several lines';

const BASE64_PREFIX = '__B64__';
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

interface Problem {
  readonly problem: string;
}

function wrong(line: number, message: string): WrittenOutputs {
  return { error: { line, message } };
}

function firstBadLine(bytes: Uint8Array): number {
  const newline = '\n'.charCodeAt(0);
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    if (!isUtf8(bytes.subarray(start, end))) return line;
    line += 1;
    start = end + 1;
  }
  return line;
}

/** The entry that begins at a line and where the next begins; null for a blank line. */
function entryAt(lines: readonly string[], at: number): { name: string; text: string; next: number } | Problem | null {
  const raw = lines[at] ?? '';
  const line = withoutReturn(raw);
  if (line.trim() === '') return null;
  const [, name, text, delimiter] = ENTRY.exec(line) ?? [];
  if (name === undefined) return { problem: EXPECTED };
  if (delimiter === undefined) return { name, text: text ?? '', next: at + 1 };
  const withReturns = raw !== line;
  const end = lines.findIndex((each, index) => index > at && (withReturns ? withoutReturn(each) : each) === delimiter);
  if (end < 0) return { problem: `no line "${delimiter}" ends the value of "${name}"` };
  const block = lines.slice(at + 1, end).join('\n');
  return { name, text: withReturns ? withoutReturn(block) : block, next: end + 1 };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function plainValue(text: string): { readonly text: string } | Problem {
  const value = text.startsWith(BASE64_PREFIX) ? decoded(text.slice(BASE64_PREFIX.length)) : { text };
  if ('problem' in value) return value;
  const problem = valueProblem(value.text);
  return problem === null ? value : { problem };
}

/** Line breaks, as the usual tools write them, are no part of the base64. */
function decoded(base64: string): { readonly text: string } | Problem {
  const digits = base64.replace(/\s+/g, '');
  if (!BASE64.test(digits) || digits.replace(/=+$/, '').length % 4 === 1) return { problem: 'is not base64' };
  const bytes = Buffer.from(digits, 'base64');
  return isUtf8(bytes) ? { text: bytes.toString() } : { problem: 'is not UTF-8 text in base64' };
}

function readOne(path: string, shownAs: string): WrittenOutputs {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { values: new Map() };
  const content = contentOf(path);
  const written = 'problem' in content ? wrong(0, content.problem) : parseOutputs(content.bytes);
  if (!('error' in written)) return written;
  const { line, message } = written.error;
  return wrong(line, line === 0 ? `${shownAs}: ${message}` : `${shownAs}, line ${line}: ${message}`);
}

/** Neither follows a link nor waits at a pipe that somebody put in the place of the file. */
function contentOf(path: string): { readonly bytes: Uint8Array } | Problem {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) return { problem: 'not a regular file' };
    const bytes = Buffer.alloc(Math.min(stats.size, MOST_FILE_BYTES + 1));
    return { bytes: bytes.subarray(0, readSync(file, bytes)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string') throw error;
    return { problem: code === 'ELOOP' ? 'not a regular file' : `cannot be read (${code})` };
  } finally {
    if (file !== null) closeSync(file);
  }
}
