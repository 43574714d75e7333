import { addAbortSignal, type Readable } from 'node:stream';
import { UsageError } from './client/daemon-error.ts';
import type { Session } from './session.ts';

/** The largest value taken, in bytes: as much as one variable of a process may hold. */
const LARGEST = 128 * 1024;

/** The value of a secret from stdin, or from the user at a terminal; null when the user gives up. @throws {UsageError} */
export async function readSecret(name: string, { io, daemon, leaving }: Session): Promise<string | null> {
  if (!io.askHidden) return checked(await readAll(addAbortSignal(leaving, io.stdin()), leaving));
  // Nobody likes to type a secret only to hear that there is no daemon.
  await daemon.health();
  const typed = await io.askHidden(`Value of ${name} (it is not shown): `);
  return typed === null ? null : checked(Buffer.from(typed));
}

async function readAll(stream: Readable, leaving: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream) {
      parts.push(part);
      size += part.length;
      if (size > LARGEST) throw new UsageError('the value is larger than 128 KiB');
    }
  } catch (error) {
    throw leaving.aborted ? leaving.reason : error;
  }
  return Buffer.concat(parts);
}

function checked(bytes: Buffer): string {
  const value = decoded(bytes).replace(/\r?\n$/, '');
  if (value === '') throw new UsageError('the value is empty');
  if (value.includes('\0')) throw new UsageError('the value holds a NUL character, which no variable can');
  return value;
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError('the value is not text in UTF-8');
  }
}
