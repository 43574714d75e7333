import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createProcessDriver } from '../drivers/process/driver.ts';
import type { BrokenPlugin, Clock, DriverEntry } from '../model/ports.ts';
import {
  BadDescription,
  type DriverDescription,
  type PluginDescription,
  readDescription,
  readExecutable,
} from './description.ts';
import { createExecutableDriver, describeExecutable } from './executable.ts';
import { findPlugins, type PluginPlace, pluginIn } from './find-plugins.ts';
import { createHostedDriver } from './hosted-driver.ts';
import { PluginFailure } from './plugin-failure.ts';
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
  readonly types: readonly string[];
  /** null when nothing is wrong. */
  readonly problem: string | null;
}

/** The plugins of a program. */
export interface PluginSet {
  readonly drivers: readonly DriverEntry[];
  /** What the drivers say of themselves. */
  readonly types: readonly DriverDescription[];
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
  const taken = new Map([...options.taken].map((type) => [type, 'the program itself']));
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
  readonly drivers: readonly DriverEntry[];
  /** null for executables. */
  readonly process: PluginProcess | null;
}

type Result = UsablePlugin | { readonly broken: BrokenPlugin };

class LoadedPlugins implements PluginSet {
  readonly usable: UsablePlugin[] = [];
  readonly broken: BrokenPlugin[] = [];

  get drivers(): readonly DriverEntry[] {
    return this.usable.flatMap(({ drivers }) => drivers);
  }

  get types(): readonly DriverDescription[] {
    return this.usable.flatMap(({ description }) => description.drivers);
  }

  states(): readonly PluginState[] {
    const usable = this.usable.map(({ place, description, drivers, process }): PluginState => {
      const types = drivers.map(({ type }) => type.type);
      return { name: description.name, file: place.shownAs, types, problem: process?.trouble ?? null };
    });
    const broken = this.broken.map(({ name, file, reason }) => ({ name, file, types: [], problem: reason }));
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
    const drivers = description.drivers.map((driver): DriverEntry => {
      const hosted = { plugin: description.name, type: pluginTaskType(driver), version: driver.version, process };
      return { type: hosted.type, create: (ports) => createHostedDriver(hosted, createProcessDriver(ports)) };
    });
    return { place, description, drivers, process };
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
  return { place, description, drivers, process: null };
}

/** Why a plugin cannot be used beside those before it. What it brings is taken from then on. */
function clash({ description }: UsablePlugin, names: Set<string>, taken: Map<string, string>): string | null {
  const { name, drivers } = description;
  if (names.has(name)) return `there is another plugin called "${name}"`;
  const types = drivers.map(({ type }) => type);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) return `it has two drivers for the type "${twice}"`;
  for (const type of types) {
    const owner = taken.get(type);
    if (owner !== undefined) return `the type "${type}" comes from ${owner} already`;
  }
  names.add(name);
  for (const type of types) taken.set(type, `the plugin "${name}"`);
  return null;
}

function brokenPlugin({ name, shownAs }: PluginPlace, reason: string, details: string, own = name): BrokenPlugin {
  return { name: own, file: shownAs, reason, details };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
