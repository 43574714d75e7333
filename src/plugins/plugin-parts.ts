import { createProcessDriver } from '../drivers/process/driver.ts';
import type { Extensions, Notifier, SecretSource, TemplateHelper } from '../model/extension.ts';
import { isJsonObject, type Json } from '../model/json.ts';
import type { Clock, DriverEntry } from '../model/ports.ts';
import { ask } from './ask.ts';
import type { PluginDescription, SpecDescription } from './description.ts';
import { createHostedDriver } from './hosted-driver.ts';
import { pluginTriggerEntry } from './hosted-trigger.ts';
import { PluginFailure } from './plugin-failure.ts';
import type { PluginProcess } from './plugin-process.ts';
import { pluginTaskType, specType } from './task-type.ts';

/** How long a notifier has to tell somebody, in ms. */
const NOTIFY_MS = 30_000;

/** How long secrets may take, in ms. */
const SECRETS_MS = 10_000;

/** How long a helper may take, in ms. */
const HELP_MS = 5_000;

/** Everything a plugin brings, as the program uses it. */
export interface PluginParts extends Extensions {
  readonly drivers: readonly DriverEntry[];
}

/** Makes the parts of a plugin that live in its process. @throws {BadDescription} when a schema cannot be used */
export function hostedParts(description: PluginDescription, process: PluginProcess, clock: Clock): PluginParts {
  const { name, drivers, triggers, notifiers, helpers, secrets } = description;
  return {
    drivers: drivers.map((driver): DriverEntry => {
      const hosted = { plugin: name, type: pluginTaskType(driver), version: driver.version, process };
      return {
        type: hosted.type,
        create: (ports) => createHostedDriver(hosted, createProcessDriver(ports), ports.user ?? null),
      };
    }),
    triggers: triggers.map((trigger) => pluginTriggerEntry(trigger, process, clock)),
    notifiers: notifiers.map((notifier) => hostedNotifier(notifier, process, clock)),
    secrets: secrets ? [hostedSecrets(name, process, clock)] : [],
    helpers: new Map(helpers.map((helper) => [helper, hostedHelper(helper, process, clock)])),
  };
}

function hostedNotifier(description: SpecDescription, process: PluginProcess, clock: Clock): Notifier {
  const { judge, ...type } = specType(description);
  return {
    ...type,
    notify: async (notice) => {
      const problem = judge(notice.spec);
      if (problem !== null) throw new PluginFailure(problem, '');
      await ask(process, { type: 'notify', notifier: type.type, notice }, clock, NOTIFY_MS);
    },
  };
}

function hostedSecrets(name: string, process: PluginProcess, clock: Clock): SecretSource {
  return {
    name,
    get: async (names, asker) => {
      const values = await ask(process, { type: 'secrets', names, asker }, clock, SECRETS_MS);
      if (!isJsonObject(values)) throw new PluginFailure('it must answer with an object of names and values', '');
      return new Map(names.flatMap((wanted) => secretIn(values[wanted], wanted)));
    },
  };
}

function secretIn(value: Json | undefined, name: string): [string, string][] {
  if (value === undefined) return [];
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return [[name, value]];
  throw new PluginFailure(`the value of ${name} must be a text that is not empty, without NUL`, '');
}

function hostedHelper(helper: string, process: PluginProcess, clock: Clock): TemplateHelper {
  return async (values) => {
    const answer = await ask(process, { type: 'help', helper, values }, clock, HELP_MS);
    return isJsonObject(answer) ? (answer.value ?? null) : null;
  };
}
