import type { SpecType } from '../model/extension.ts';
import type { TaskType } from '../model/ports.ts';
import type { DriverDescription, SpecDescription } from './description.ts';
import { compileSchema, type SpecValidator } from './spec-validator.ts';

/** What is wrong with a spec once it is rendered, in one line; null when nothing is. */
interface Judged {
  readonly judge: SpecValidator['rendered'];
}

/** A task type that a plugin brings. */
export type PluginTaskType = TaskType & Judged;

/** Makes the task type of a driver. @throws {BadDescription} when its schema cannot be used */
export function pluginTaskType(driver: DriverDescription): PluginTaskType {
  const { templates, confidential } = driver;
  return { ...specType(driver), templates, confidential };
}

/** Makes what the loader knows of a trigger or notifier. @throws {BadDescription} when its schema cannot be used */
export function specType({ type, schema }: SpecDescription): SpecType & Judged {
  const { written, rendered } = compileSchema(type, schema);
  return { type, schema, validate: written, judge: rendered };
}
