import type { SpecType } from '../model/extension.ts';
import type { BrokenPlugin } from '../model/ports.ts';
import type { LoadOptions } from '../workflow/load.ts';
import type { PluginDescription, SpecDescription } from './description.ts';
import { pluginTaskType, specType } from './task-type.ts';

/** What plugins bring, without what they do: a thread can be told of it. */
export interface PluginFacts {
  readonly descriptions: readonly PluginDescription[];
  readonly broken: readonly BrokenPlugin[];
}

/** The same options, with what plugins bring. */
export function withPlugins(options: LoadOptions, { descriptions, broken }: PluginFacts): LoadOptions {
  const types = descriptions.flatMap(({ drivers }) => drivers.map(pluginTaskType));
  return {
    ...options,
    types: new Map([...options.types, ...types.map((type) => [type.type, type] as const)]),
    triggers: byName(descriptions.flatMap(({ triggers }) => triggers)),
    notifiers: byName(descriptions.flatMap(({ notifiers }) => notifiers)),
    helpers: new Set(descriptions.flatMap(({ helpers }) => helpers)),
    brokenPlugins: broken,
  };
}

function byName(descriptions: readonly SpecDescription[]): ReadonlyMap<string, SpecType> {
  return new Map(descriptions.map((description) => [description.type, specType(description)]));
}
