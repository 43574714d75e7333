import { chmodSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { userStateDir } from '../util/daemon-state-dir.ts';
import { makeFolder } from '../util/make-folder.ts';

/** Where `exec` keeps its runs: `--state-dir`, else `$XDG_STATE_HOME/runner/exec`, else the usual place below the home. */
export function execStateDir(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string {
  return given === undefined ? join(userStateDir(env), 'runner', 'exec') : resolve(cwd, given);
}

/** Makes a private folder (0700), whatever the umask. @throws when it cannot be made. */
export function makePrivateDir(path: string): void {
  makeFolder(path);
  chmodSync(path, 0o700);
}
