/**
 * Starts the bundled program with the code V8 compiled at an earlier start, which halves what a short command costs. The code
 * is kept per content of the bundle, command, version of Node and flags; it is code, so it is only taken from a file of this user that
 * nobody else may write. Whatever goes wrong with it, the program starts without.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script, constants as vm } from 'node:vm';
import { quietEngine } from '../executor/quiet-engine.ts';

/** The hash of the bundle, put in by the build. */
declare const BUNDLE_HASH: string;

const DIGEST_BYTES = 32;

if (process.argv[2] === 'exec') quietEngine();

const bundle = join(__dirname, 'runner-main.cjs');
const cached = codeFile();
const code = intact(readOwn(cached));
const script = new Script(wrap(readFileSync(bundle, 'utf8').replace(/^#!.*/, '')), {
  filename: bundle,
  importModuleDynamically: vm.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  ...(code ? { cachedData: code } : {}),
});
if (!code || script.cachedDataRejected) process.once('exit', keepCode);
script.runInThisContext()({}, createRequire(bundle), { exports: {} }, bundle, __dirname);

function codeFile(): string {
  const base = process.env.XDG_CACHE_HOME?.startsWith('/') ? process.env.XDG_CACHE_HOME : join(homedir(), '.cache');
  // Each command uses functions of its own.
  const command = /^[a-z]{1,20}$/.exec(process.argv[2] ?? '')?.[0] ?? '';
  const key = [
    BUNDLE_HASH,
    command,
    process.version,
    process.arch,
    ...process.execArgv,
    process.env.NODE_OPTIONS ?? '',
  ];
  return join(base, 'runner', `code-${createHash('sha256').update(key.join('\0')).digest('hex').slice(0, 32)}`);
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

/** What follows the digest, if it is what was written: V8 itself would run damaged code. */
function intact(bytes: Buffer | null): Buffer | null {
  const data = bytes?.subarray(DIGEST_BYTES);
  return bytes && data && digest(data).equals(bytes.subarray(0, DIGEST_BYTES)) ? data : null;
}

function digest(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** Writes what was compiled in this run, functions used included, for the next; beside and then in place, never half. */
function keepCode(): void {
  try {
    mkdirSync(dirname(cached), { recursive: true, mode: 0o700 });
    const beside = `${cached}.${process.pid}`;
    const data = script.createCachedData();
    writeFileSync(beside, Buffer.concat([digest(data), data]), { mode: 0o600, flag: 'wx' });
    renameSync(beside, cached);
  } catch {
    // A home that cannot be written costs time at each start, and nothing else.
  }
}
