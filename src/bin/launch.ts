/**
 * Starts the bundled program with the code V8 compiled at an earlier start, which halves what a short command costs. The code
 * is kept per content of the bundle, command and version of Node; it is code, so it is only taken from a file of this user that
 * nobody else may write. Whatever goes wrong with it, the program starts without. Its checksum is one against damage, because
 * V8 does not look: node:crypto would cost a tenth of a start.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { quietEngine } from '../executor/quiet-engine.ts';
import { makeFolder } from '../util/make-folder.ts';

/** The hash of the bundle, put in by the build. */
declare const BUNDLE_HASH: string;

const CHECKSUM_BYTES = 4;

/** How long code is kept; it is soon made anew. In ms. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

if (process.argv[2] === 'exec') quietEngine();

const bundle = join(__dirname, 'runner-main.cjs');
const cached = codeFile();
const code = cached === null ? null : intact(readOwn(cached));
const script = new Script(wrap(readFileSync(bundle, 'utf8')), {
  filename: bundle,
  ...(code ? { cachedData: code } : {}),
});
if (cached !== null && (!code || script.cachedDataRejected)) process.once('exit', () => keepCode(cached));
script.runInThisContext()({}, createRequire(bundle), { exports: {} }, bundle, __dirname);

/** null when Node was started with options, which may change what V8 compiles. */
function codeFile(): string | null {
  if (process.execArgv.length > 0 || process.env.NODE_OPTIONS) return null;
  const base = process.env.XDG_CACHE_HOME?.startsWith('/') ? process.env.XDG_CACHE_HOME : join(homedir(), '.cache');
  // Each command uses functions of its own.
  const command = /^[a-z]{1,20}$/.exec(process.argv[2] ?? '')?.[0] ?? '';
  return join(base, 'runner', `code-${BUNDLE_HASH}-${process.version}-${process.arch}-${command}`);
}

/** The bytes of a regular file that only this user can write, or null. */
function readOwn(path: string): Buffer | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stats = fstatSync(file);
    const isOwn = stats.isFile() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
    return isOwn ? readFileSync(file) : null;
  } finally {
    closeSync(file);
  }
}

/** What follows the checksum, if it is what was written: V8 itself would run damaged code. */
function intact(bytes: Buffer | null): Buffer | null {
  if (!bytes || bytes.length <= CHECKSUM_BYTES) return null;
  const data = bytes.subarray(CHECKSUM_BYTES);
  return crc32(data) === bytes.readUInt32LE() ? data : null;
}

/** Writes what was compiled in this run, functions used included, for the next; beside and then in place, never half. */
function keepCode(path: string): void {
  try {
    const folder = dirname(path);
    makeFolder(folder);
    const beside = `${path}.${process.pid}`;
    const data = script.createCachedData();
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(crc32(data));
    writeFileSync(beside, Buffer.concat([checksum, data]), { mode: 0o600, flag: 'wx' });
    renameSync(beside, path);
    forgetOldCode(folder);
  } catch {
    // A home that cannot be written costs time at each start, and nothing else.
  }
}

/** Removes what earlier versions and killed starts have left. */
function forgetOldCode(folder: string): void {
  for (const name of readdirSync(folder).filter((file) => file.startsWith('code-'))) {
    const path = join(folder, name);
    if (statSync(path).mtimeMs < Date.now() - KEPT_MS) rmSync(path);
  }
}
