import type { TaskType } from '../model/ports.ts';
import type { DriverDescription } from './description.ts';
import { compileSchema } from './spec-validator.ts';

/** A task type that a plugin brings. */
export interface PluginTaskType extends TaskType {
  /** What is wrong with a spec once it is rendered, in one line; null when nothing is. */
  readonly judge: ReturnType<typeof compileSchema>['rendered'];
}

/** Makes the task type of a driver. @throws {BadDescription} when its schema cannot be used */
export function pluginTaskType({ type, schema, templates, confidential }: DriverDescription): PluginTaskType {
  const { written, rendered } = compileSchema(type, schema);
  return { type, templates, confidential, schema, validate: written, judge: rendered };
}
