import { constants } from 'node:os';
import type { Start } from './starter.ts';
import type { Ended } from './task-process.ts';

/** The two calls of the C library that starting programs takes. */
export interface PosixSpawn {
  /** Starts a program as the leader of a session of its own, with no descriptor but the first three. Returns its pid, or undefined when the system refuses. */
  spawn(path: string, start: Start): number | undefined;
  /** How a program ended, once; undefined while it runs. */
  collect(pid: number): Ended | undefined;
}

/** More than the C library's own types take (80, 336 and 128 bytes with glibc), in bytes. */
const ROOM_BYTES = 512;

/** From spawn.h: the signals of a set get their default action, the mask is set, the program leads a session. */
const SPAWN_FLAGS = 0x04 | 0x08 | 0x80;

/** From wait.h: do not wait. */
const WNOHANG = 1;

const FIRST_CLOSED = 3;

/** A call of the C library that takes numbers, strings and memory, and returns a number. */
type CFunction = (...args: (number | string | readonly (string | null)[] | NodeJS.TypedArray | null)[]) => number;

/**
 * Binds the calls with `koffi`. Returns undefined where there is none: without that package, which is optional, or without a C library that
 * can change the folder and close descriptors on the way (glibc from 2.34 on).
 */
export async function loadPosixSpawn(): Promise<PosixSpawn | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const { load } = await import('koffi');
    const library = load(null);
    return bind((prototype) => library.func(prototype));
  } catch {
    return undefined;
  }
}

function bind(declare: (prototype: string) => CFunction): PosixSpawn {
  const initAttributes = declare('int posix_spawnattr_init(void *)');
  const setFlags = declare('int posix_spawnattr_setflags(void *, short)');
  const setDefaults = declare('int posix_spawnattr_setsigdefault(void *, void *)');
  const setMask = declare('int posix_spawnattr_setsigmask(void *, void *)');
  const initActions = declare('int posix_spawn_file_actions_init(void *)');
  const destroyActions = declare('int posix_spawn_file_actions_destroy(void *)');
  const addFolder = declare('int posix_spawn_file_actions_addchdir_np(void *, const char *)');
  const addOpen = declare('int posix_spawn_file_actions_addopen(void *, int, const char *, int, int)');
  const addCopy = declare('int posix_spawn_file_actions_adddup2(void *, int, int)');
  const addCloseFrom = declare('int posix_spawn_file_actions_addclosefrom_np(void *, int)');
  const start = declare('int posix_spawn(void *, const char *, void *, void *, const char **, const char **)');
  const wait = declare('int waitpid(int, void *, int)');

  const attributes = new Uint8Array(ROOM_BYTES);
  const everySignal = new Uint8Array(ROOM_BYTES).fill(0xff);
  const noSignal = new Uint8Array(ROOM_BYTES);
  const number = new Int32Array(1);
  check(initAttributes(attributes) + setFlags(attributes, SPAWN_FLAGS));
  check(setDefaults(attributes, everySignal) + setMask(attributes, noSignal));

  const spawn = (path: string, { argv, env, cwd, stdout, stderr }: Start): number | undefined => {
    const actions = new Uint8Array(ROOM_BYTES);
    check(initActions(actions));
    try {
      check(addFolder(actions, cwd) + addOpen(actions, 0, '/dev/null', 0, 0));
      check(addCopy(actions, stdout, 1) + addCopy(actions, stderr, 2) + addCloseFrom(actions, FIRST_CLOSED));
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const refusal = start(number, path, actions, attributes, [...argv, null], [...variables, null]);
      return refusal === 0 ? number[0] : undefined;
    } finally {
      destroyActions(actions);
    }
  };

  const collect = (pid: number): Ended | undefined => {
    const collected = wait(pid, number, WNOHANG);
    if (collected === 0) return undefined;
    check(collected - pid);
    return readStatus(number[0] ?? 0);
  };
  return { spawn, collect };
}

/** A status as wait(2) lays it out. */
function readStatus(status: number): Ended {
  const signal = status & 0x7f;
  return signal === 0
    ? { kind: 'exited', code: (status >> 8) & 0xff }
    : { kind: 'signaled', signal: SIGNAL_NAMES.get(signal) ?? `SIG${signal}` };
}

/** The first name counts where a signal has two. */
const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .reverse(),
);

/** @throws when a call that only writes to memory of ours fails */
function check(result: number): void {
  if (result !== 0) throw new Error(`Internal error: a call of the C library failed (${result})`);
}
