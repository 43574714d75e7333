import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BUILTIN_TYPES } from '../builtin.ts';
import type { PluginSet } from '../plugins/load-plugins.ts';
import type { PluginFacts } from '../plugins/vocabulary.ts';
import { systemClock } from '../util/clock.ts';
import type { LoadOptions } from '../workflow/load.ts';
import type { CliIO } from './io.ts';

/** The option that names the folder. */
export const PLUGINS_OPTION = {
  kind: 'text',
  value: 'DIR',
  description: 'The folder of plugins; looked into when a file names what is not built in',
  fallback: 'plugins',
} as const;

/** The variables a plugin gets of the caller's environment. */
const PLUGIN_ENV = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];

/** The plugins of a command that runs without a daemon. Nothing is loaded, nor looked for, until a file needs it. */
export class PluginFolder {
  readonly #shownAs: string;
  readonly #io: Pick<CliIO, 'cwd' | 'env'>;
  #loading: Promise<PluginSet> | null = null;

  constructor(folder: string | undefined, io: Pick<CliIO, 'cwd' | 'env'>) {
    this.#shownAs = folder ?? 'plugins';
    this.#io = io;
  }

  /** The same options with what plugins bring. */
  async extend(options: LoadOptions): Promise<LoadOptions> {
    const { withPlugins } = await import('../plugins/vocabulary.ts');
    return withPlugins(options, await this.#load());
  }

  /** What plugins bring, whether a file needs it or not. */
  async facts(): Promise<PluginFacts> {
    const isThere = existsSync(resolve(this.#io.cwd, this.#shownAs));
    return isThere ? this.#load() : { descriptions: [], broken: [] };
  }

  /** What has been loaded; null when nothing was needed. */
  async loaded(): Promise<Pick<PluginSet, 'drivers' | 'helpers'> | null> {
    return this.#loading;
  }

  /** Ends the processes of the plugins. */
  async close(): Promise<void> {
    await (await this.#loading)?.close();
  }

  #load(): Promise<PluginSet> {
    this.#loading ??= this.#loadNow();
    return this.#loading;
  }

  async #loadNow(): Promise<PluginSet> {
    const { loadPlugins } = await import('../plugins/load-plugins.ts');
    const { cwd, env } = this.#io;
    return loadPlugins({
      folder: resolve(cwd, this.#shownAs),
      shownAs: this.#shownAs,
      packages: [],
      command: { argv: [process.execPath, join(__dirname, 'plugin-host.cjs')], env: pluginEnv(env) },
      clock: systemClock,
      taken: new Set(BUILTIN_TYPES.keys()),
    });
  }
}

function pluginEnv(env: CliIO['env']): Readonly<Record<string, string>> {
  const given = PLUGIN_ENV.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return Object.fromEntries(given);
}
