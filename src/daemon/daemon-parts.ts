import { createDrivers } from '../builtin-drivers.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import type { CatalogChange } from '../catalog/entry.ts';
import type { Config } from '../config/settings.ts';
import { Scheduler } from '../engine/scheduler.ts';
import type { RemoteSpawner } from '../executor/remote-spawner.ts';
import type { ExecutorCommand } from '../executor/start-executor.ts';
import { guardedLoader } from '../load-guarded.ts';
import type { Finding, Health } from '../model/api.ts';
import type { JsonObject } from '../model/json.ts';
import type { Log } from '../model/log.ts';
import type { Observation } from '../model/observation.ts';
import type { Clock, TaskType } from '../model/ports.ts';
import type { Definition, StateStore } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';
import type { PluginSet } from '../plugins/load-plugins.ts';
import type { Metrics } from '../server/metrics.ts';
import type { RunningServer } from '../server/start-server.ts';
import { DatabaseSecrets } from '../store/secrets.ts';
import { createStateStore } from '../store/state-store.ts';
import { cronTrigger } from '../triggers/cron.ts';
import { githubTrigger } from '../triggers/github.ts';
import { intervalTrigger } from '../triggers/interval.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import { AlarmClock } from '../util/wall-clock.ts';
import { type LoadOptions, loadWorkflow } from '../workflow/load.ts';
import { giveUpAfterLoss, lossInWords } from './after-loss.ts';
import { Armory } from './armory.ts';
import { logCatalogChange } from './catalog-log.ts';
import { DaemonCache } from './daemon-cache.ts';
import { DaemonControl, type Housekeeping } from './daemon-control.ts';
import { allTypes, checkPlugins } from './daemon-plugins.ts';
import { Definitions } from './definitions.ts';
import { Deliveries } from './deliveries.ts';
import { containerSetup } from './docker-containers.ts';
import { abandonRun, hostRun } from './host-run.ts';
import { createHousekeeper, type Housekeeper } from './housekeeper.ts';
import { LiveHub } from './live-hub.ts';
import { type OpenedState, StartRefusal } from './open-state.ts';
import { RunBook } from './run-book.ts';
import { isoTime } from './run-view.ts';
import { schedulerListener } from './scheduler-listener.ts';
import { keepSecrets } from './secret-keeper.ts';
import { TriggerBoard } from './trigger-board.ts';

/** What a daemon takes from outside, besides its settings. */
export interface DaemonPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** What the log must not show. */
  readonly masks: SecretSet;
  readonly version: string;
  readonly executor: ExecutorCommand;
  /** The umask of tasks. */
  readonly umask: number;
  readonly hostEnv: ReadonlyMap<string, string>;
  /** The socket of Docker when the config names none. */
  readonly dockerSocket: string;
  readonly types: ReadonlyMap<string, TaskType>;
  readonly dialect: LoadOptions['dialect'];
  /** The program of the thread that judges large files. */
  readonly judge: string;
  /** The program of the processes of plugins. */
  readonly pluginHost: string;
  /** Reads the body of a webhook; the problem in words when it is none. */
  parseBody(bytes: Uint8Array): JsonObject | string;
}

/** The parts of a daemon and how they hang together. */
export class DaemonParts {
  readonly config: Config;
  readonly ports: DaemonPorts;
  readonly opened: OpenedState;
  readonly spawner: RemoteSpawner;
  readonly metrics: Metrics;
  readonly plugins: PluginSet;
  readonly state: StateStore;
  readonly scheduler: Scheduler;
  readonly board: TriggerBoard;
  readonly armory: Armory;
  readonly cache: DaemonCache;
  readonly keeper: Housekeeper;
  readonly #definitions: Definitions;
  readonly #loadOptions: LoadOptions;
  readonly #secrets: DatabaseSecrets;
  readonly #book: RunBook;
  readonly #hub: LiveHub;
  readonly #startedAt: number;
  #reload: (definition: Definition) => Workflow | null = () => null;
  #setRecovered: () => void = () => {};
  readonly #recovered: Promise<void>;
  #catalog: Catalog | null = null;
  #trouble: string | null = null;
  #isReady = false;

  constructor(
    config: Config,
    ports: DaemonPorts,
    opened: OpenedState,
    spawner: RemoteSpawner,
    metrics: Metrics,
    plugins: PluginSet,
  ) {
    const { clock, log } = ports;
    this.config = config;
    this.ports = ports;
    this.opened = opened;
    this.spawner = spawner;
    this.metrics = metrics;
    this.plugins = plugins;
    const types = allTypes(ports.types, plugins);
    this.#loadOptions = { types, brokenPlugins: plugins.broken, dialect: ports.dialect, limits: config.limits };
    this.#startedAt = clock.now();
    this.#recovered = new Promise((resolve) => {
      this.#setRecovered = resolve;
    });
    this.state = createStateStore(opened.database);
    this.cache = new DaemonCache(opened.folder.cache, opened.vault, clock);
    this.#secrets = new DatabaseSecrets(opened.database, [opened.vault]);
    this.#definitions = new Definitions((definition) => this.#compile(definition));
    this.#hub = new LiveHub((error) => log.error({ err: error }, 'a listener failed'));
    const { hostEnv } = ports;
    this.#book = new RunBook({
      state: this.state,
      definitions: this.#definitions,
      clock,
      runs: opened.folder.runs,
      hostEnv,
    });
    this.keeper = this.#createKeeper();
    this.scheduler = this.#createScheduler();
    this.board = new TriggerBoard({
      triggers: new Map([cronTrigger, intervalTrigger, githubTrigger].map((trigger) => [trigger.kind, trigger])),
      clock: new AlarmClock(clock),
      state: this.state,
      submit: (request) => this.scheduler.decide(request),
    });
    this.armory = new Armory(this.board, clock, (workflow, error) => log.error({ workflow, err: error }, 'cannot arm'));
  }

  async serve(): Promise<RunningServer> {
    const { config, ports, opened, metrics } = this;
    const { webhookSecrets } = config.github;
    const { startServer } = await import('../server/start-server.ts');
    try {
      return await startServer({
        control: this.#createControl(),
        listen: config.listen,
        socketPath: opened.folder.socket,
        token: opened.token,
        hostNames: config.hostNames,
        github: webhookSecrets.length > 0 ? { secrets: webhookSecrets } : null,
        clock: ports.clock,
        log: ports.log,
        metrics,
        version: ports.version,
        limits: { webhookBody: config.webhook.maxBodyBytes },
        parseBody: ports.parseBody,
      });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
      const { host, port } = config.listen ?? { host: '', port: 0 };
      throw new StartRefusal(4, `the address ${host}:${port} is in use`);
    }
  }

  async recover(): Promise<{ readonly running: number; readonly queued: number }> {
    const unfinished = await this.state.unfinishedRuns();
    const hashes = new Set(unfinished.map(({ definition }) => definition));
    const definitions = [...hashes].flatMap((hash) => this.state.definition(hash) ?? []);
    this.#reload = await this.#definitions.compileAll(definitions);
    await giveUpAfterLoss(this);
    const taken = await this.scheduler.recover();
    this.#setRecovered();
    return taken;
  }

  async openCatalog(): Promise<Catalog> {
    const { config, ports } = this;
    const { path, shownAs } = config.workflows;
    const { dialect, clock, log } = ports;
    const { limits } = config;
    const catalog = await openCatalog({
      folder: path,
      shownAs,
      load: guardedLoader({
        load: (source) => loadWorkflow(source, this.#loadOptions),
        plugins: this.plugins,
        program: ports.judge,
        limits,
        dialect,
        clock,
      }),
      maxBytes: limits.bytes,
      clock,
      rescanMs: config.rescanMs,
      settleMs: 100,
      onChange: (change) => this.#takeChange(change),
      onFailure: (error) => log.error({ err: error }, 'cannot look at the workflows'),
    });
    this.#catalog = catalog;
    await this.armory.settled();
    this.#isReady = true;
    return catalog;
  }

  #takeChange(change: CatalogChange): void {
    this.armory.take(change);
    logCatalogChange(this.ports.log, change);
  }

  #createKeeper(): Housekeeper {
    const { config, ports, opened, state } = this;
    const { clock, log } = ports;
    return createHousekeeper({ ...config, state, folder: opened.folder.path, runs: opened.folder.runs, clock, log });
  }

  #createScheduler(): Scheduler {
    const { config, ports, opened, spawner, state } = this;
    const { clock, hostEnv, log } = ports;
    const driverPorts = { spawner, path: hostEnv.get('PATH') ?? '' };
    const host = {
      runs: opened.folder.runs,
      clock,
      drivers: createDrivers(containerSetup(config, ports, opened), this.plugins.drivers, driverPorts),
      secrets: this.#secrets,
      logMasks: ports.masks,
      hostEnv,
      graceMs: config.graceMs,
      openCache: (workflow: Workflow) => this.cache.open(workflow),
      sweep: (mark: string) => spawner.sweep(mark),
      release: (run: string) => spawner.releaseRun(run),
    };
    return new Scheduler({
      state,
      clock,
      limits: config,
      full: () => this.keeper.full,
      reload: (definition) => this.#reload(definition),
      host: (record, header, workflow) => hostRun(host, record, header, workflow),
      abandon: (run) => abandonRun(host, run),
      listener: schedulerListener({
        log,
        hub: this.#hub,
        book: this.#book,
        observe: (observation: Observation) => this.metrics.observe(observation),
        ended: (run) => this.keeper.ended(run),
        setTrouble: (message) => {
          this.#trouble = message;
        },
      }),
    });
  }

  #createControl(): DaemonControl {
    const { state, scheduler, board, ports } = this;
    const { clock } = ports;
    return new DaemonControl({
      state,
      clock,
      scheduler,
      board,
      book: this.#book,
      deliveries: new Deliveries({
        state,
        judge: (delivery) => board.judge(delivery),
        submit: (request) => scheduler.decide(request),
      }),
      secrets: keepSecrets(this.#secrets, state, clock),
      housekeeping: this.#housekeeping(),
      catalog: () => this.#catalog ?? { degraded: 'not looked at yet', list: () => [], get: () => undefined },
      recovered: this.#recovered,
      subscribe: (listener) => this.#hub.subscribe(listener),
    });
  }

  #housekeeping(): Housekeeping {
    return {
      prune: (dryRun) => this.keeper.prune(dryRun),
      backup: (folder) => this.opened.database.backup(folder),
      doctor: async (): Promise<readonly Finding[]> => checkPlugins(this.plugins),
      health: () => this.#health(),
      readiness: () => (this.#isReady ? null : 'starting'),
    };
  }

  #health(): Health {
    const { scheduler, state, ports, opened } = this;
    const loss = opened.loss === null ? [] : [lossInWords(opened.loss)];
    const problems = [this.#trouble, this.keeper.full, this.#catalog?.degraded ?? null].filter(
      (problem) => problem !== null,
    );
    const all = [...problems, ...loss];
    return {
      status: all.length === 0 ? 'ok' : 'degraded',
      version: ports.version,
      pid: process.pid,
      started_at: isoTime(this.#startedAt),
      problems: all,
      running: scheduler.running,
      queued: scheduler.queued,
      paused: state.isPaused(null),
      draining: scheduler.isDraining,
    };
  }

  async #compile({ file, workflow: id, text }: Definition): Promise<Workflow | null> {
    const source = { file, id, bytes: Buffer.from(text) };
    return (await loadWorkflow(source, this.#loadOptions)).workflow;
  }
}
