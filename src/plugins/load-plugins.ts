import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createProcessDriver } from '../drivers/process/driver.ts';
import type { Extensions } from '../model/extension.ts';
import type { BrokenPlugin, Clock, DriverEntry } from '../model/ports.ts';
import { HELPERS, LAZY_HELPERS } from '../template/helper-table.ts';
import { BadDescription, type PluginDescription, readDescription, readExecutable } from './description.ts';
import { createExecutableDriver, describeExecutable } from './executable.ts';
import { findPlugins, type PluginPlace, pluginIn } from './find-plugins.ts';
import { PluginFailure } from './plugin-failure.ts';
import { hostedParts, type PluginParts } from './plugin-parts.ts';
import { PluginProcess } from './plugin-process.ts';
import type { PluginCommand } from './start-plugin.ts';
import { type PluginTaskType, pluginTaskType } from './task-type.ts';
import { distrust, distrustFolder } from './trust.ts';

/** Where plugins are looked for, and how they are run. */
export interface PluginOptions {
  /** Absolute. It need not exist. */
  readonly folder: string;
  /** What the folder is called in messages. */
  readonly shownAs: string;
  /** Names of npm packages that are plugins; they are looked for as from `folder`. */
  readonly packages: readonly string[];
  readonly command: PluginCommand;
  readonly clock: Clock;
  /** The types that come with the program, which no plugin can bring. */
  readonly taken: ReadonlySet<string>;
}

/** How a plugin is: `ready`, or `failed` with the reason. */
export interface PluginState {
  readonly name: string;
  readonly file: string;
  /** What it brings, each in two words: `type http`. */
  readonly brings: readonly string[];
  /** null when nothing is wrong. */
  readonly problem: string | null;
}

/** The plugins of a program. */
export interface PluginSet extends Extensions {
  readonly drivers: readonly DriverEntry[];
  /** What they say of themselves. */
  readonly descriptions: readonly PluginDescription[];
  readonly broken: readonly BrokenPlugin[];
  /** All plugins, those that cannot be used too. */
  states(): readonly PluginState[];
  /** Tells the plugins that nothing will come for a while. */
  rest(): Promise<void>;
  /** Ends their processes. */
  close(): Promise<void>;
}

/** Loads every plugin of a folder, and those packages. What is wrong with one is kept as words; the others are not touched by it. */
export async function loadPlugins(options: PluginOptions): Promise<PluginSet> {
  const places = [...inFolder(options), ...options.packages.map((name) => inPackage(name, options.folder))];
  const results = await Promise.all(places.map((place) => loadOne(place, options)));
  const plugins = new LoadedPlugins();
  const taken = new Map(ownNames(options.taken).map((name) => [name, 'the program itself']));
  const names = new Set<string>();
  for (const result of results) {
    const problem = 'broken' in result ? null : clash(result, names, taken);
    if ('broken' in result) plugins.broken.push(result.broken);
    else if (problem === null) plugins.usable.push(result);
    else {
      plugins.broken.push(brokenPlugin(result.place, problem, '', result.description.name));
      await result.process?.close();
    }
  }
  await Promise.all(plugins.usable.map(({ process }) => process?.begin()));
  return plugins;
}

/** A plugin that can be used. */
interface UsablePlugin {
  readonly place: PluginPlace;
  readonly description: PluginDescription;
  readonly parts: PluginParts;
  /** null for executables. */
  readonly process: PluginProcess | null;
}

type Result = UsablePlugin | { readonly broken: BrokenPlugin };

class LoadedPlugins implements PluginSet {
  readonly usable: UsablePlugin[] = [];
  readonly broken: BrokenPlugin[] = [];

  get drivers(): readonly DriverEntry[] {
    return this.usable.flatMap(({ parts }) => parts.drivers);
  }

  get triggers(): Extensions['triggers'] {
    return this.usable.flatMap(({ parts }) => parts.triggers);
  }

  get notifiers(): Extensions['notifiers'] {
    return this.usable.flatMap(({ parts }) => parts.notifiers);
  }

  get secrets(): Extensions['secrets'] {
    return this.usable.flatMap(({ parts }) => parts.secrets);
  }

  get helpers(): Extensions['helpers'] {
    return new Map(this.usable.flatMap(({ parts }) => [...parts.helpers]));
  }

  get descriptions(): readonly PluginDescription[] {
    return this.usable.map(({ description }) => description);
  }

  states(): readonly PluginState[] {
    const usable = this.usable.map(({ place, description, process }): PluginState => {
      return {
        name: description.name,
        file: place.shownAs,
        brings: broughtBy(description),
        problem: process?.trouble ?? null,
      };
    });
    const broken = this.broken.map(({ name, file, reason }) => ({ name, file, brings: [], problem: reason }));
    return [...usable, ...broken];
  }

  async rest(): Promise<void> {
    await Promise.all(this.usable.map(({ process }) => process?.rest()));
  }

  async close(): Promise<void> {
    await Promise.all(this.usable.map(({ process }) => process?.close()));
  }
}

/** Whatever keeps the folder from being read is told of it as if it were a plugin. */
function inFolder({ folder, shownAs }: PluginOptions): readonly (PluginPlace | BrokenPlugin)[] {
  try {
    const places = findPlugins(folder, shownAs);
    const problem = places.length > 0 ? distrustFolder(folder) : null;
    if (problem === null) return places;
    return places.map((place) => brokenPlugin(place, problem, ''));
  } catch (error) {
    return [{ name: 'plugins', file: shownAs, reason: `the folder cannot be read: ${textOf(error)}`, details: '' }];
  }
}

function inPackage(name: string, folder: string): PluginPlace | BrokenPlugin {
  const places = createRequire(join(folder, 'index.js')).resolve.paths(name) ?? [];
  const found = places.map((place) => join(place, name)).find((path) => existsSync(join(path, 'package.json')));
  if (found !== undefined) return pluginIn(found, name, name.replace(/^.*\//, ''));
  return { name, file: name, reason: `there is no such package in node_modules, seen from ${folder}`, details: '' };
}

async function loadOne(place: PluginPlace | BrokenPlugin, options: PluginOptions): Promise<Result> {
  if ('reason' in place) return { broken: place };
  try {
    const problem = distrust(place.path, dirname(place.path));
    if (problem !== null) throw new PluginFailure(problem, '');
    if (place.entry === null)
      throw new PluginFailure('there is no index.js, package.json with "main" or executable in it', '');
    return place.entry.kind === 'module'
      ? await loadModule(place, place.entry.file, options)
      : await loadExecutable(place, place.entry.file, options);
  } catch (error) {
    return { broken: brokenPlugin(place, textOf(error), error instanceof PluginFailure ? error.details : '') };
  }
}

async function loadModule(place: PluginPlace, file: string, { command, clock }: PluginOptions): Promise<UsablePlugin> {
  const process = new PluginProcess({ file, command, clock });
  try {
    const description = readDescription(await process.load(), place.name);
    return { place, description, parts: hostedParts(description, process, clock), process };
  } catch (error) {
    if (error instanceof BadDescription) await process.close();
    throw error;
  }
}

async function loadExecutable(
  place: PluginPlace,
  file: string,
  { command, clock }: PluginOptions,
): Promise<UsablePlugin> {
  const description = readExecutable(await describeExecutable(file, command.env, clock), place.name);
  const drivers = description.drivers.map((driver): DriverEntry => {
    const type: PluginTaskType = pluginTaskType(driver);
    return { type, create: (ports) => createExecutableDriver(file, type, driver.version, createProcessDriver(ports)) };
  });
  const parts = { drivers, triggers: [], notifiers: [], secrets: [], helpers: new Map() };
  return { place, description, parts, process: null };
}

/** Why a plugin cannot be used beside those before it. What it brings is taken from then on. */
function clash({ description }: UsablePlugin, names: Set<string>, taken: Map<string, string>): string | null {
  const { name } = description;
  if (names.has(name)) return `there is another plugin called "${name}"`;
  const brought = broughtBy(description);
  const twice = brought.find((each, index) => brought.indexOf(each) !== index);
  if (twice !== undefined) return `it brings the ${quoted(twice)} twice`;
  for (const each of brought) {
    const owner = taken.get(each);
    if (owner !== undefined) return `the ${quoted(each)} comes from ${owner} already`;
  }
  names.add(name);
  for (const each of brought) if (each !== 'secrets') taken.set(each, `the plugin "${name}"`);
  return null;
}

function broughtBy({ drivers, triggers, notifiers, helpers, secrets }: PluginDescription): readonly string[] {
  return [
    ...drivers.map(({ type }) => `type ${type}`),
    ...triggers.map(({ type }) => `trigger ${type}`),
    ...notifiers.map(({ type }) => `notifier ${type}`),
    ...helpers.map((helper) => `helper ${helper}`),
    ...(secrets ? ['secrets'] : []),
  ];
}

/** What no plugin can bring, since the program does. */
function ownNames(types: ReadonlySet<string>): readonly string[] {
  return [
    ...[...types].map((type) => `type ${type}`),
    ...OWN_TRIGGERS.map((kind) => `trigger ${kind}`),
    ...[...HELPERS.keys(), ...LAZY_HELPERS.keys(), ...BLOCKS].map((helper) => `helper ${helper}`),
  ];
}

/** What stands under `on` of our own, and the names their firings and those by hand and by call go by. */
const OWN_TRIGGERS = ['schedule', 'cron', 'interval', 'github', 'manual', 'workflow'];

const BLOCKS = ['if', 'unless', 'each'];

/** `type http` as `type "http"`. */
function quoted(brought: string): string {
  return brought.replace(/ (.*)/, ' "$1"');
}

function brokenPlugin({ name, shownAs }: PluginPlace, reason: string, details: string, own = name): BrokenPlugin {
  return { name: own, file: shownAs, reason, details };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
