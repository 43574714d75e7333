import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { buildSync } from 'esbuild';
import { findMarked } from '../../src/executor/process-table.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
import type { Clock, Driver, Job } from '../../src/model/ports.ts';
import { loadPlugins, type PluginOptions, type PluginSet } from '../../src/plugins/load-plugins.ts';
import { systemClock } from '../../src/util/clock.ts';
import { processJob, TEST_PATH } from './process-driver.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The host of plugins, bundled from the sources once per test file: it is started often. */
const BUILT = mkdtempSync(join(tmpdir(), 'runner-test-'));
const COMMON = { bundle: true, platform: 'node', logLevel: 'error' } as const;
buildSync({ ...COMMON, entryPoints: ['src/bin/plugin-host.ts'], outfile: join(BUILT, 'plugin-host.cjs') });
buildSync({ ...COMMON, entryPoints: ['src/plugin.ts'], outfile: join(BUILT, 'plugin.mjs'), format: 'esm' });
after(() => rmSync(BUILT, { recursive: true }));

/** A folder of plugins and what it takes to run their jobs. Their processes end with the test. */
export class PluginRig {
  readonly folder: string;
  readonly plugins: string;
  readonly #mark = crypto.randomUUID();
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(t: TestContext, folder?: string) {
    // Before the folder goes: hooks run in the order they were made in.
    t.after(async () => {
      for (const close of this.#closers) await close();
      for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    });
    this.folder = folder ?? temporaryFolder(t);
    this.plugins = join(this.folder, '.plugins');
    mkdirSync(this.plugins);
  }

  /** Puts a file into the folder of plugins. */
  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.plugins, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** Puts a plugin with one driver into the folder; `body` is what its `run(job, io)` does. */
  writeDriver(name: string, body: string, more = ''): void {
    this.write(`${name}.js`, driverSource(name, body, more));
  }

  /** Puts an executable plugin into the folder; its job says that all is well. Unlike a module it costs hardly any time. */
  writeExecutable(name: string): void {
    const description = JSON.stringify({ api: 1, type: name, schema: {} });
    this.write(name, `#!/bin/sh\nif [ "$1" = describe ]; then echo '${description}'; else echo '{}'; fi\n`, 0o755);
  }

  async load(changes: Partial<PluginOptions> = {}, clock: Clock = systemClock): Promise<PluginSet> {
    const set = await loadPlugins({
      folder: this.plugins,
      shownAs: 'plugins',
      packages: [],
      command: {
        argv: [process.execPath, join(BUILT, 'plugin-host.cjs')],
        env: { PATH: TEST_PATH, RIG: this.#mark },
      },
      clock,
      taken: new Set(['os_exec']),
      ...changes,
    });
    this.#closers.push(() => set.close());
    return set;
  }

  /** The driver for the tasks of a type, which runs programs as children of this process. */
  driver(set: PluginSet, type: string): Driver {
    const spawner = createSpawner({ fifoDir: join(this.folder, '.fifos'), clock: systemClock, handles: true });
    this.#closers.push(() => spawner.close());
    const entry = set.drivers.find((each) => each.type.type === type);
    if (!entry) throw new Error(`no driver: ${JSON.stringify(set.states())}`);
    return entry.create({ spawner, path: TEST_PATH });
  }

  job(type: string, spec: Job['spec'] = {}, changes: Partial<Job> = {}): Job {
    return processJob(this.folder, [], { type, spec, ...changes });
  }

  /** Pids of the plugins' processes. */
  processes(): readonly number[] {
    return findMarked(`RIG=${this.#mark}`);
  }
}

/** The module of a plugin with one driver. */
export function driverSource(type: string, body: string, more = ''): string {
  return `
import { definePlugin } from 'runner/plugin';
export default definePlugin({
  name: '${type}',
  api: 1,
  drivers: [{ type: '${type}', schema: { type: 'object' }, async run(job, io) { ${body} }, ${more} }],
});
`;
}
