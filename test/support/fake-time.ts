import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The library, which Debian's package faketime brings; undefined where it is not installed. */
const LIBRARY = readdirSync('/usr/lib')
  .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
  .find((path) => existsSync(path));

/** Why no program can be told another time here, or false. */
export function cannotFakeTime(): string | false {
  return LIBRARY === undefined ? 'libfaketime is not installed' : false;
}

/** The wall clock of programs, as a test sets it. Their monotonic clock stays real. */
export class FakeTime {
  /** What a program needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;
  #offsetMs = 0;

  constructor(folder: string) {
    this.#file = join(folder, 'clock');
    this.env = {
      LD_PRELOAD: LIBRARY ?? '',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
      FAKETIME_TIMESTAMP_FILE: this.#file,
    };
    this.forward(0);
  }

  /** What programs take for now, in ms since the epoch. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Jumps; back when `ms` is negative. */
  forward(ms: number): void {
    this.#offsetMs += ms;
    // In one step: a program may be reading.
    const beside = `${this.#file}.new`;
    writeFileSync(beside, `${this.#offsetMs < 0 ? '' : '+'}${(this.#offsetMs / 1000).toFixed(3)}`);
    renameSync(beside, this.#file);
  }

  /** Jumps to an instant, in ms since the epoch. */
  set(instant: number): void {
    this.forward(instant - this.now());
  }
}
