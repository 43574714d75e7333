import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import type { CatalogChange } from '../catalog/entry.ts';
import type { Config } from '../config/settings.ts';
import { guardedLoader } from '../load-guarded.ts';
import type { PluginFacts } from '../plugins/vocabulary.ts';
import { type LoadOptions, loadWorkflow } from '../workflow/load.ts';
import type { DaemonPorts } from './daemon-ports.ts';

/** How long a file must have been left alone before it is used, in ms. */
const SETTLE_MS = 100;

/** Reads the folder of workflows and follows it from then on; `onChange` is told of what is there already, too. */
export function openDaemonCatalog(
  { workflows: { path, shownAs }, limits, rescanMs }: Config,
  { dialect, clock, log, judge }: DaemonPorts,
  plugins: PluginFacts,
  options: LoadOptions,
  onChange: (change: CatalogChange) => void,
): Promise<Catalog> {
  const load = guardedLoader({
    load: (source) => loadWorkflow(source, options),
    plugins,
    program: judge,
    limits,
    dialect,
    clock,
  });
  return openCatalog({
    folder: path,
    shownAs,
    load,
    maxBytes: limits.bytes,
    clock,
    rescanMs,
    settleMs: SETTLE_MS,
    onChange,
    onFailure: (error) => log.error({ err: error }, 'cannot look at the workflows'),
  });
}
