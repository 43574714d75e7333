import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Spawn } from '../model/ports.ts';
import { candidates, DEFAULT_PATH } from '../util/find-program.ts';
import { type Failure, failure } from './limits.ts';
import { readStart } from './read-start.ts';

/** The kernel reads this much of a file to find its interpreter (execve(2)). */
const SHEBANG_BYTES = 256;

/** Errors that go away when others end. */
const RESOURCE_CODES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

/** Errors that are about the file to execute, where looking at it shows nothing wrong. */
const FILE_CODES: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'ENOEXEC', 'ETXTBSY', 'ELOOP']);

/** Whether something that failed this way, itself or by its cause, may work a moment later. */
export function isShortage(error: Error): boolean {
  return RESOURCE_CODES.has(errorCode(error));
}

/**
 * Says why a process could not be started. The system's own answer is too short: ENOENT may mean the working folder, the
 * command or the interpreter in its first line, so it is looked up here, after the fact.
 */
export function explainFailure(error: Error, spawn: Spawn): Failure {
  const code = errorCode(error);
  const [command] = spawn.argv;
  if (isShortage(error))
    return failure('resources', `cannot start ${quote(command)}: the machine is short of ${shortOf(code)}`);
  if (code === 'E2BIG')
    return failure(
      'too_long',
      `arguments and environment of ${quote(command)} are longer than the system takes (E2BIG)`,
    );
  return checkStart(spawn) ?? failure(reasonOf(code), `cannot start ${quote(command)}: ${error.message}`);
}

/** What is wrong with the working folder or the command, as far as that can be seen from here; undefined when nothing is. */
export function checkStart(spawn: Spawn): Failure | undefined {
  return checkFolder(spawn.cwd) ?? checkCommand(spawn);
}

/** Why a folder cannot be worked in, or undefined. */
export function checkFolder(path: string): Failure | undefined {
  const stats = look(path);
  if (stats === undefined) return failure('bad_working_dir', `the working folder ${quote(path)} does not exist`);
  if (!stats.isDirectory()) return failure('bad_working_dir', `the working folder ${quote(path)} is not a folder`);
  if (!mayExecute(path)) return failure('bad_working_dir', `the working folder ${quote(path)} may not be entered`);
  return undefined;
}

function checkCommand({ argv: [command], cwd, env }: Spawn): Failure | undefined {
  if (command === '') return failure('not_found', 'the command is empty');
  const isPath = command.includes('/');
  const found = (isPath ? [command] : candidates(command, env.PATH)).map((path) => resolve(cwd, path)).filter(look);
  const [first] = found;
  if (first === undefined) return notFound(command, isPath, env.PATH);
  const program = found.find((path) => look(path)?.isFile() && mayExecute(path));
  return program === undefined ? notExecutable(first) : checkInterpreter(program);
}

function notFound(command: string, isPath: boolean, path = DEFAULT_PATH): Failure {
  const where = isPath ? 'does not exist' : `was not found in PATH (${path})`;
  return failure('not_found', `the command ${quote(command)} ${where}`);
}

function notExecutable(path: string): Failure {
  const why = look(path)?.isFile() ? `is not executable; try \`chmod +x ${path}\`` : 'is not a file';
  return failure('not_executable', `${quote(path)} ${why}`);
}

function checkInterpreter(program: string): Failure | undefined {
  const line = readFirstLine(program);
  const interpreter = /^#![ \t]*([^ \t\r]*)/.exec(line)?.[1];
  if (interpreter === undefined) return undefined;
  if (line.endsWith('\r'))
    return failure(
      'bad_interpreter',
      `${quote(program)} has Windows line ends (CRLF): its first line asks for ${quote(`${interpreter}\r`)}`,
    );
  const stats = look(interpreter);
  if (stats === undefined)
    return failure(
      'bad_interpreter',
      `the interpreter ${quote(interpreter)} in the first line of ${quote(program)} does not exist`,
    );
  if (stats.isFile() && mayExecute(interpreter)) return undefined;
  return failure(
    'bad_interpreter',
    `the interpreter ${quote(interpreter)} in the first line of ${quote(program)} is not an executable file`,
  );
}

/** Empty when it cannot be read. */
function readFirstLine(path: string): string {
  return readStart(path, Buffer.alloc(SHEBANG_BYTES))?.split('\n', 1)[0] ?? '';
}

/** undefined for what is missing or hidden. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function mayExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function reasonOf(code: string): Failure['reason'] {
  return FILE_CODES.has(code) ? 'not_executable' : 'driver_error';
}

function shortOf(code: string): string {
  if (code === 'ENOMEM') return 'memory (ENOMEM)';
  return code === 'EAGAIN' ? 'processes (EAGAIN)' : `open files (${code})`;
}

/** The system's code for an error, or for what caused it. */
function errorCode(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause instanceof Error ? errorCode(error.cause) : '';
}

/** Shows control characters, such as a carriage return, instead of printing them. */
function quote(text: string): string {
  return JSON.stringify(text);
}
