import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/settings.ts';
import { connectExecutor } from '../executor/remote-spawner.ts';
import type { RunningServer } from '../server/start-server.ts';
import { mendAfterLoss } from './after-loss.ts';
import { watchClock } from './clock-watch.ts';
import { DaemonParts } from './daemon-parts.ts';
import { openDaemonPlugins } from './daemon-plugins.ts';
import type { DaemonPorts } from './daemon-ports.ts';
import { reapContainersOf } from './docker-containers.ts';
import { type OpenedState, openState } from './open-state.ts';
import { setWay } from './task-user.ts';

/** Starts a daemon; it is ready when this resolves. @throws {StartRefusal} when it must not or cannot start */
export async function startDaemon(config: Config, ports: DaemonPorts): Promise<Daemon> {
  const opened = await openState(config.stateDir);
  try {
    return await Daemon.start(config, ports, opened);
  } catch (error) {
    await opened.database.close();
    throw error;
  }
}

/** A daemon at work: the folder is watched, triggers fire, runs run, questions are answered. */
export class Daemon {
  /** `http://HOST:PORT`, or null when it listens on the control socket only. */
  readonly address: string | null;
  readonly #parts: DaemonParts;
  readonly #server: RunningServer;
  readonly #catalog: Catalog;
  readonly #stopWatching: () => void;

  private constructor(parts: DaemonParts, server: RunningServer, catalog: Catalog) {
    this.#parts = parts;
    this.#server = server;
    this.#catalog = catalog;
    this.#stopWatching = watchClock({ ...parts.ports, state: parts.state });
    this.address = server.address;
  }

  /** See `startDaemon`; the state is open already. */
  static async start(config: Config, ports: DaemonPorts, opened: OpenedState): Promise<Daemon> {
    const { clock, log, executor, umask, taskUser } = ports;
    setWay(opened.folder, taskUser);
    const onProblem = (problem: string) => log.error({ problem }, 'executor trouble');
    const spawner = await connectExecutor({
      folder: opened.folder.executor,
      command: executor,
      umask,
      clock,
      onProblem,
    });
    const { Metrics } = await import('../server/metrics.ts');
    await mendAfterLoss(opened, clock, log);
    const plugins = await openDaemonPlugins(config, ports, opened);
    const parts = new DaemonParts(config, ports, opened, spawner, new Metrics(), plugins);
    let server: RunningServer | null = null;
    try {
      await parts.keeper.start();
      server = await parts.serve();
      const { running, queued } = await parts.recover();
      if (running + queued > 0) log.info({ running, queued }, 'unfinished runs taken up');
      await parts.notices.resume();
      void reapContainersOf(config, ports, opened, parts.state);
      const catalog = await parts.openCatalog();
      parts.keeper.tidy();
      return new Daemon(parts, server, catalog);
    } catch (error) {
      await server?.close();
      await Promise.all([parts.notices.close(), plugins.close()]);
      await parts.keeper.close();
      spawner.close();
      throw error;
    }
  }

  /** Looks at the folder of workflows now. */
  rescan(): Promise<void> {
    return this.#catalog.rescan();
  }

  /**
   * Ends the daemon: nothing new begins, runs get their time to end (`drain`), what is left is detached or cancelled as set up.
   * `hurry` ends the waiting. Resolves once everything is closed.
   */
  async stop(hurry: AbortSignal): Promise<void> {
    const { config, ports, scheduler, spawner, armory, board, cache, keeper, opened, plugins, notices } = this.#parts;
    scheduler.drain('the daemon is stopping');
    this.#stopWatching();
    await plugins.rest();
    armory.close();
    board.close();
    await this.#catalog.close();
    const waited = new Promise<void>((resolve) => {
      const callOff = ports.clock.after(config.drainMs, resolve);
      hurry.addEventListener('abort', () => resolve(), { once: true });
      scheduler.idle().then(() => {
        callOff();
        resolve();
      });
    });
    await waited;
    await scheduler.stop(hurry.aborted ? 'detach' : config.onStop);
    await this.#server.close();
    // Whoever is being told ends with the plugins.
    await Promise.all([notices.close(), plugins.close()]);
    spawner.close();
    await keeper.close();
    await cache.close();
    await opened.database.close();
  }
}
