import type { Json, JsonObject } from './json.ts';
import type { NoticeOccasion, NoticeRun, SecretAsker } from './plugin.ts';
import type { SchemaError } from './ports.ts';
import type { Trigger } from './trigger.ts';

/** What the loader must know of what a file sets up with a mapping of its own, such as a trigger or a notifier. */
export interface SpecType {
  /** What it is called in a file; of a trigger, its kind. */
  readonly type: string;
  /** Errors of such a mapping; empty when it fits. */
  validate(spec: unknown): readonly SchemaError[];
  /** Its JSON Schema, for messages that name what is expected. */
  readonly schema?: JsonObject;
}

/** Tells somebody of the ends of runs. */
export interface Notifier extends SpecType {
  /** Tells it. Rejects, in words, when that did not work, and after 30 s. */
  notify(notice: Notice): Promise<void>;
}

/** The end of a run, as somebody is told of it. */
export interface Notice {
  /** The same whenever the same notice comes again. */
  readonly id: string;
  readonly when: NoticeOccasion;
  /** Rendered. */
  readonly spec: JsonObject;
  readonly run: NoticeRun;
}

/** Knows secrets that are stored elsewhere. */
export interface SecretSource {
  readonly name: string;
  /** The values of those names it knows. Rejects, in words, when it cannot tell, and after 10 s. */
  get(names: readonly string[], asker: SecretAsker): Promise<ReadonlyMap<string, string>>;
}

/** A helper of templates that is not ours: what it makes of the values. Rejects, in words, when it makes nothing, and after 5 s. */
export type TemplateHelper = (values: readonly Json[]) => Promise<Json>;

/** What plugins bring besides drivers. */
export interface Extensions {
  readonly triggers: readonly PluginTriggerEntry[];
  readonly notifiers: readonly Notifier[];
  readonly secrets: readonly SecretSource[];
  /** By name. */
  readonly helpers: ReadonlyMap<string, TemplateHelper>;
}

/** A trigger of a plugin, and how its entries are judged. */
export interface PluginTriggerEntry {
  readonly type: SpecType;
  /** `trouble` is told, in words, when a watch ends that should not have. */
  create(trouble: (kind: string, message: string) => void): Trigger;
}
