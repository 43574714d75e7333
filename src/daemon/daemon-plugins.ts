import { dirname, join } from 'node:path';
import type { Config } from '../config/settings.ts';
import { sweep } from '../executor/ending.ts';
import { MarkSearch } from '../executor/mark-search.ts';
import type { Finding } from '../model/api.ts';
import type { PluginSet } from '../plugins/load-plugins.ts';
import type { DaemonPorts } from './daemon-ports.ts';
import type { OpenedState } from './open-state.ts';

/** By this variable the processes of a daemon's plugins are found again. */
const MARK = 'RUNNER_PLUGINS_OF';

/** Loads the plugins of a daemon; what is wrong with them is told in the log. Processes an earlier one left behind are ended first. */
export async function openDaemonPlugins(
  config: Config,
  ports: DaemonPorts,
  { instance }: OpenedState,
): Promise<PluginSet> {
  const { clock, log, hostEnv, pluginHost, types } = ports;
  await sweep(`${MARK}=${instance}`, new MarkSearch(), clock);
  const { loadPlugins } = await import('../plugins/load-plugins.ts');
  const plugins = await loadPlugins({
    ...pluginFolder(config),
    packages: config.plugins.packages,
    command: { argv: [process.execPath, pluginHost], env: { ...Object.fromEntries(hostEnv), [MARK]: instance } },
    clock,
    taken: new Set(types.keys()),
  });
  for (const { name, file, reason, details } of plugins.broken) {
    log.error({ plugin: name, file, reason, details }, 'plugin cannot be used');
  }
  for (const { name, file, brings, problem } of plugins.states()) {
    if (problem === null) log.info({ plugin: name, file, brings }, 'plugin loaded');
  }
  return plugins;
}

/** How the plugins are, for `doctor`. */
export function checkPlugins(plugins: PluginSet): readonly Finding[] {
  return plugins.states().map(({ name, file, brings, problem }): Finding => {
    if (problem !== null) return { name: `plugin ${name}`, level: 'error', message: `${file}: ${problem}` };
    return { name: `plugin ${name}`, level: 'ok', message: `${file}: ${brings.join(', ')}` };
  });
}

/** The one that is named, or `plugins` beside the folder of workflows. */
function pluginFolder({ plugins, workflows }: Config): { readonly folder: string; readonly shownAs: string } {
  if (plugins.folder !== null) return { folder: plugins.folder.path, shownAs: plugins.folder.shownAs };
  const folder = join(dirname(workflows.path), 'plugins');
  return { folder, shownAs: folder };
}
