import { lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { localZoneProblem } from '../util/time-zone.ts';
import { isLoopback } from './address.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { misspeltVariables } from './misspelt-variables.ts';
import { buildConfig, CONFIG_ENV, type Config, SETTINGS, type Setting, type Surroundings } from './settings.ts';

/** What a configuration is made from. */
export interface ConfigInput extends Surroundings {
  /** The options of the command line without dashes: those of `SETTINGS`, and `config`. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where a value comes from. */
export type ConfigSource = 'flag' | 'environment' | 'file' | 'default';

/** A mistake in an option or a variable, which has no place in a file. */
export interface SettingProblem {
  /** `--listen` or `RUNNER_LISTEN`. */
  readonly name: string;
  readonly message: string;
  readonly hint?: string;
}

/** A configuration, or everything that is wrong with it. */
export type LoadedConfig =
  | {
      readonly config: Config;
      /** By key. */
      readonly sources: ReadonlyMap<string, ConfigSource>;
      /** Absolute path of the file that was read, or null. */
      readonly file: string | null;
      /** Likely mistakes, in words. */
      readonly warnings: readonly string[];
    }
  | { readonly diagnostics: readonly Diagnostic[]; readonly problems: readonly SettingProblem[] };

/**
 * Reads the configuration: option before variable before file before default. A file that is named must be there; otherwise
 * `config.yml` in the state directory is read if it is there. All mistakes come at once.
 */
export async function loadConfig(input: ConfigInput): Promise<LoadedConfig> {
  const file = await findFile(input);
  const reader = new SettingReader(input, file);
  const config = buildConfig((setting) => reader.read(setting));
  checkReach(config, reader);
  const zone = localZoneProblem(input.env.TZ);
  if (zone !== null) reader.problems.push({ name: 'TZ', message: `TZ ${zone}`, hint: ZONE_HINT });
  const diagnostics = file?.diagnostics() ?? [];
  if (reader.problems.length > 0 || diagnostics.some(({ severity }) => severity === 'error')) {
    return { diagnostics, problems: reader.problems };
  }
  const warnings = [...diagnostics.map(inWords), ...misspeltVariables(input.env)];
  return { config, sources: reader.sources, file: file?.path ?? null, warnings };
}

/** Schedules without a zone of their own would fire at times nobody meant. */
const ZONE_HINT = 'write a name such as Europe/Berlin or UTC, or unset it for the zone of this machine';

async function findFile({ flags, env, cwd, usualStateDir }: ConfigInput): Promise<ConfigFile | null> {
  const named = flags.config ?? (env[CONFIG_ENV] || undefined);
  if (named !== undefined) return readConfigFile(resolve(cwd, named), named);
  const stateDir = flags['state-dir'] ?? (env[SETTINGS.stateDir.env] || usualStateDir);
  const usual = join(resolve(cwd, stateDir), 'config.yml');
  if (!exists(usual)) return null;
  const file = await readConfigFile(usual, usual);
  if (file.texts(SETTINGS.stateDir.key, false) !== null) {
    const hint = 'to keep the state elsewhere, name the file with --config';
    file.complain(SETTINGS.stateDir.key, 'cannot stand in the file that was found in the state directory', hint);
  }
  return file;
}

// Whatever is in the way of reading it is told when it is read; only what is certainly not there is passed over.
function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

// S1: what other machines can reach needs a token, which there always is, and a line nobody can listen to.
function checkReach({ listen, behindProxy }: Config, reader: SettingReader): void {
  if (isLoopback(listen.host) || behindProxy) return;
  const problem = `must be an address of this machine alone, not ${listen.host}: the token would travel in clear`;
  const hint = 'put a proxy with TLS in front and set behind_proxy to true, or listen on 127.0.0.1';
  reader.complain(SETTINGS.listen, problem, hint);
}

function inWords({ place, message }: Diagnostic): string {
  return `${place.file}:${place.line}:${place.column}: ${message}`;
}

interface Given {
  readonly source: ConfigSource;
  readonly texts: readonly string[] | 'unfit';
  /** Where relative paths start. */
  readonly base: string;
  complain(problem: string, hint: string | undefined): void;
}

class SettingReader {
  readonly problems: SettingProblem[] = [];
  readonly sources = new Map<string, ConfigSource>();
  readonly #input: ConfigInput;
  readonly #file: ConfigFile | null;

  constructor(input: ConfigInput, file: ConfigFile | null) {
    this.#input = input;
    this.#file = file;
  }

  /** The value that wins; mistakes in the others are told too. */
  read<T>(setting: Setting<T>): T {
    const given = this.#given(setting);
    this.sources.set(setting.key, given[0]?.source ?? 'default');
    const fallback = setting.fallback(this.#input);
    const values = given.map((one) => this.#value(setting, one, fallback));
    return values.length > 0 ? (values[0] as T) : fallback;
  }

  /** Reports a mistake where the value that won stands. */
  complain(setting: Setting<unknown>, problem: string, hint: string): void {
    this.#given(setting)[0]?.complain(problem, hint);
  }

  #value<T>({ kind }: Setting<T>, given: Given, fallback: T): T {
    const reading = given.texts === 'unfit' ? { problem: 'must be text' } : kind.read(given.texts, given.base);
    if ('value' in reading) return reading.value;
    given.complain(reading.problem, reading.hint);
    return fallback;
  }

  // From the strongest to the weakest. An empty variable counts as none.
  #given({ key, env, flag, kind }: Setting<unknown>): Given[] {
    const { flags, env: variables, cwd } = this.#input;
    const given: Given[] = [];
    const option = flag === null ? undefined : flags[flag];
    if (option !== undefined) given.push(this.#outside('flag', `--${flag}`, [option], cwd));
    const variable = variables[env] || undefined;
    if (variable !== undefined) {
      const texts = kind.separator === null ? [variable] : variable.split(kind.separator);
      given.push(this.#outside('environment', env, texts, cwd));
    }
    const file = this.#file;
    const texts = file?.texts(key, kind.isSecret) ?? null;
    if (file === null || texts === null) return given;
    const complain: Given['complain'] = (problem, hint) => file.complain(key, problem, hint);
    return [...given, { source: 'file', texts, base: dirname(file.path), complain }];
  }

  #outside(source: ConfigSource, name: string, texts: readonly string[], base: string): Given {
    const complain: Given['complain'] = (problem, hint) => {
      this.problems.push({ name, message: `${name} ${problem}`, ...(hint === undefined ? {} : { hint }) });
    };
    return { source, texts, base, complain };
  }
}
