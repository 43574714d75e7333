import type { ExecutorCommand } from '../executor/start-executor.ts';
import type { JsonObject } from '../model/json.ts';
import type { Log } from '../model/log.ts';
import type { Clock, TaskType } from '../model/ports.ts';
import type { TaskUser } from '../model/task-user.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import type { LoadOptions } from '../workflow/load.ts';

/** What a daemon takes from outside, besides its settings. */
export interface DaemonPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** What the log must not show. */
  readonly masks: SecretSet;
  readonly version: string;
  readonly executor: ExecutorCommand;
  /** The umask of tasks. */
  readonly umask: number;
  readonly hostEnv: ReadonlyMap<string, string>;
  /** Who tasks run as; null is the daemon's own user. */
  readonly taskUser: TaskUser | null;
  /** The socket of Docker when the config names none. */
  readonly dockerSocket: string;
  readonly types: ReadonlyMap<string, TaskType>;
  readonly dialect: LoadOptions['dialect'];
  /** The program of the thread that judges large files. */
  readonly judge: string;
  /** Reads the body of a webhook; the problem in words when it is none. */
  parseBody(bytes: Uint8Array): JsonObject | string;
}
