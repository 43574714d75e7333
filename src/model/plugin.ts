import type { Json, JsonObject } from './json.ts';
import type { Stream, TemplateUse } from './ports.ts';
import type { Reason, RunStatus } from './reason.ts';
import type { RunResult } from './run.ts';

/** The version of what follows. A plugin says for which one it is made. */
export const PLUGIN_API = 1;

/** What one plugin brings: plain data and functions. It brings at least one thing. */
export interface Plugin {
  /** Unique among the plugins of a program: a small letter, then small letters, digits, `-` or `_`. */
  readonly name: string;
  readonly api: typeof PLUGIN_API;
  readonly drivers?: readonly PluginDriver[];
  readonly triggers?: readonly PluginTrigger[];
  readonly notifiers?: readonly PluginNotifier[];
  readonly secrets?: PluginSecrets;
  /** By name: a small letter, then small letters, digits or `_`. */
  readonly helpers?: Readonly<Record<string, PluginHelper>>;
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

/** Fires workflows. */
export interface PluginTrigger {
  /** What stands under `on:` in a workflow file, as a list; the same letters as a plugin's name. */
  readonly kind: string;
  /** The JSON Schema (draft 7) of one entry of that list. */
  readonly schema: JsonObject;
  /**
   * Watches for one entry of one workflow until `io.signal` aborts. One that ends or throws before is begun again after a while, and
   * so is one whose process has ended.
   */
  watch(entry: JsonObject, io: PluginWatch): Promise<void>;
}

/** What a trigger gets besides its entry. */
export interface PluginWatch {
  /** Aborts when nobody wants to be fired any more. */
  readonly signal: AbortSignal;
  /**
   * Fires the workflow. Resolves once what became of that is durable: a run, or why there is none. Rejects when it could not be kept;
   * then nothing was decided, and the same firing may be tried again.
   */
  fire(firing: PluginFiring): Promise<void>;
}

/** One occasion to run, and what templates read of it as `trigger`. */
export interface PluginFiring {
  /** Names the occasion for ever: of several firings of one entry with the same id only the first counts. */
  readonly id: string;
  readonly event?: string;
  readonly action?: string;
  readonly repository?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly sha?: string;
  readonly sender?: string;
  readonly payload?: Json;
  /** `false`: the run must not see secrets, since what fired it is not to be trusted. */
  readonly secrets?: boolean;
}

/** Tells somebody of the ends of runs. */
export interface PluginNotifier {
  /** What stands behind `type:` under `notify:` in a workflow file; the same letters as a plugin's name. */
  readonly type: string;
  /** The JSON Schema (draft 7) of its `spec`. Texts with `{{ … }}` are checked once they are rendered. */
  readonly schema: JsonObject;
  /** Tells it. A notice that throws, or takes longer than 30 s, is tried again a few times; it may come twice, with the same id. */
  notify(notice: PluginNotice, io: PluginCall): Promise<void>;
}

/** What a call gets besides what it is asked. */
export interface PluginCall {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The end of a run. */
export interface PluginNotice {
  /** The same whenever the same notice comes again. */
  readonly id: string;
  /** Why it is told: `recovery` is a success after a run of the workflow that was none. */
  readonly when: NoticeOccasion;
  readonly spec: JsonObject;
  readonly run: NoticeRun;
}

/** What is told of a run. */
export interface NoticeRun {
  readonly id: string;
  readonly number: number;
  readonly workflow: string;
  readonly trigger: string;
  readonly status: RunStatus;
  readonly reason: Reason | null;
  /** ISO times in UTC. */
  readonly created_at: string;
  readonly ended_at: string;
  /** By task, as in the Task Group Result; confidential values are masked. */
  readonly results: RunResult['results'];
}

/** What kind of end a notice is about. */
export type NoticeOccasion = 'success' | 'failure' | 'cancelled' | 'recovery';

/** Knows secrets. */
export interface PluginSecrets {
  /**
   * The values of those of the names it knows; the others are left out. It is asked before the tasks of a run start, for what the
   * workflow declares and the daemon has not stored, and has 10 s.
   */
  get(names: readonly string[], asker: SecretAsker, io: PluginCall): Promise<Readonly<Record<string, string>>>;
}

/** For whom secrets are asked for. */
export interface SecretAsker {
  readonly workflow: string;
  readonly namespace: string;
}

/**
 * A helper of templates: makes one value of others. It must be pure: the same values, the same result. Its arguments and its result are
 * JSON. What it throws fails the task (`bad_template`).
 */
export type PluginHelper = (...values: never[]) => Json | Promise<Json>;

/** Returns the plugin as it is; for the types. */
export function definePlugin<P extends Plugin>(plugin: P): P {
  return plugin;
}
