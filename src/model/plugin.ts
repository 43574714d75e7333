import type { JsonObject } from './json.ts';
import type { Stream, TemplateUse } from './ports.ts';

/** The version of what follows. A plugin says for which one it is made. */
export const PLUGIN_API = 1;

/** What one plugin brings: plain data. */
export interface Plugin {
  /** Unique among the plugins of a program: a small letter, then small letters, digits, `-` or `_`. */
  readonly name: string;
  readonly api: typeof PLUGIN_API;
  readonly drivers: readonly PluginDriver[];
}

/** Executes the tasks of one type. */
export interface PluginDriver {
  /** What stands behind `type:` in a workflow file; the same letters as a plugin's name. */
  readonly type: string;
  /** The JSON Schema (draft 7) of `spec`. Texts with `{{ … }}` are checked once they are rendered, all else when a file is loaded. */
  readonly schema: JsonObject;
  /** How the templates in a key of `spec` are treated; `text` where nothing is said. */
  readonly templates?: Readonly<Record<string, TemplateUse>>;
  /** Whether exports of these tasks are confidential where the file does not say otherwise. */
  readonly confidential?: boolean;
  /** Changes whenever the same job could come to another result; cached results of other versions are not reused. */
  readonly version?: string;
  /** Runs one job to its end. Several may run at once. An error that is thrown fails the task. */
  run(job: PluginJob, io: PluginIO): Promise<PluginReply | undefined>;
  /** Is told what happens to the plugin as a whole. */
  signal?(signal: PluginSignal): void | Promise<void>;
}

/** `start`: jobs may come. `pause`: none will come for a while. `destroy`: the plugin's process ends in a moment. */
export type PluginSignal = 'start' | 'pause' | 'destroy';

/** One attempt of one task, fully rendered. */
export interface PluginJob {
  /** The id of the run. */
  readonly run: string;
  readonly workflow: string;
  readonly task: string;
  /** 1, 2, 3 … */
  readonly attempt: number;
  readonly type: string;
  readonly spec: JsonObject;
  /** The whole environment of the task. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the folder the run's tasks share. */
  readonly workspace: string;
  /** Absolute path of the task's working folder, which may not exist. */
  readonly folder: string;
}

/** What a job gets besides. */
export interface PluginIO {
  /** Aborts when the job must end: timeout, cancel, stop. */
  readonly signal: AbortSignal;
  /** Writes to the task's log. Resolves once it is taken; who writes much waits for it. */
  write(stream: Stream, chunk: string | Uint8Array): Promise<void>;
}

/**
 * How a job ended, or the program that does it: that is started as `os_exec` would, with the task's environment and with `env` on
 * top, and its end is the task's. A job that hands over to a program writes nothing itself.
 */
export type PluginReply =
  | {
      /** As of a process: 0, or nothing, is success; up to 255. */
      readonly code?: number;
      /** One line about the end. */
      readonly message?: string;
      /** Only what the task declares leaves it. */
      readonly exports?: Readonly<Record<string, string>>;
    }
  | { readonly command: readonly [string, ...string[]]; readonly env?: Readonly<Record<string, string>> };

/** Returns the plugin as it is; for the types. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
