import type { Catalog } from '../catalog/catalog.ts';
import type { CatalogChange } from '../catalog/entry.ts';
import type { Config } from '../config/settings.ts';
import { Scheduler } from '../engine/scheduler.ts';
import type { RemoteSpawner } from '../executor/remote-spawner.ts';
import type { Finding, Health } from '../model/api.ts';
import type { Observation } from '../model/observation.ts';
import type { Definition, StateStore } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';
import type { PluginSet } from '../plugins/load-plugins.ts';
import { withPlugins } from '../plugins/vocabulary.ts';
import type { Metrics } from '../server/metrics.ts';
import type { RunningServer } from '../server/start-server.ts';
import { DatabaseSecrets } from '../store/secrets.ts';
import { createStateStore } from '../store/state-store.ts';
import { AlarmClock } from '../util/wall-clock.ts';
import { type LoadOptions, loadWorkflow } from '../workflow/load.ts';
import { giveUpAfterLoss } from './after-loss.ts';
import { allTriggers } from './all-triggers.ts';
import { Armory } from './armory.ts';
import { logCatalog, logCatalogChange } from './catalog-log.ts';
import type { Housekeeping, SecretKeeper } from './control-parts.ts';
import { DaemonCache } from './daemon-cache.ts';
import { openDaemonCatalog } from './daemon-catalog.ts';
import { DaemonControl } from './daemon-control.ts';
import { checkPlugins } from './daemon-plugins.ts';
import type { DaemonPorts } from './daemon-ports.ts';
import { Definitions } from './definitions.ts';
import { Deliveries } from './deliveries.ts';
import { checkContainers, removeContainers } from './docker-containers.ts';
import { examine } from './doctor/doctor.ts';
import { healthOf } from './health.ts';
import { abandonRun, hostRun } from './host-run.ts';
import { createHousekeeper, type Housekeeper } from './housekeeper.ts';
import { LiveHub } from './live-hub.ts';
import { Notices } from './notices.ts';
import type { OpenedState } from './open-state.ts';
import { RunBook } from './run-book.ts';
import { RunSecrets } from './run-secrets.ts';
import { schedulerListener } from './scheduler-listener.ts';
import { keepSecrets } from './secret-keeper.ts';
import { rekeySecrets, secretVaults } from './secret-keys.ts';
import { serveControl } from './serve-control.ts';
import { taskDrivers } from './task-drivers.ts';
import { TriggerBoard } from './trigger-board.ts';

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
  readonly notices: Notices;
  readonly #runSecrets: RunSecrets;
  readonly #definitions: Definitions;
  readonly #loadOptions: LoadOptions;
  readonly #secrets: DatabaseSecrets;
  readonly #keeper: SecretKeeper;
  readonly #book: RunBook;
  readonly #hub: LiveHub;
  readonly #startedAt: number;
  #reload: (definition: Definition) => Workflow | null = () => null;
  #setRecovered: () => void = () => {};
  readonly #recovered: Promise<void>;
  #catalog: Catalog | null = null;
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
    const { types, dialect } = ports;
    this.#loadOptions = withPlugins({ types, dialect, limits: config.limits }, plugins);
    this.#startedAt = clock.now();
    this.#recovered = new Promise((resolve) => {
      this.#setRecovered = resolve;
    });
    this.state = createStateStore(opened.database);
    this.cache = new DaemonCache(opened.folder.cache, opened.vault, clock);
    this.#secrets = new DatabaseSecrets(opened.database, secretVaults(opened.folder.secretKeyFile, opened.vault));
    const rekey = () => rekeySecrets(opened.folder.secretKeyFile, this.#secrets);
    this.#keeper = keepSecrets(this.#secrets, this.state, clock, rekey, plugins.secrets.length > 0);
    this.#runSecrets = new RunSecrets({ store: this.#secrets, sources: plugins.secrets, vault: opened.vault });
    this.#definitions = new Definitions((definition) => this.#compile(definition));
    this.#hub = new LiveHub((error) => log.error({ err: error }, 'a listener failed'));
    const { hostEnv } = ports;
    this.#book = new RunBook({
      state: this.state,
      definitions: this.#definitions,
      clock,
      runs: opened.folder.runs,
      hostEnv,
      isDraining: () => this.scheduler.isDraining,
    });
    this.keeper = this.#createKeeper();
    const observe = (observation: Observation) => metrics.observe(observation);
    this.notices = new Notices({
      state: this.state,
      book: this.#book,
      notifiers: plugins.notifiers,
      secrets: this.#runSecrets,
      clock,
      log,
      observe,
    });
    this.scheduler = this.#createScheduler();
    this.board = new TriggerBoard({
      triggers: allTriggers(plugins.triggers, log),
      clock: new AlarmClock(clock),
      state: this.state,
      submit: (request) => this.scheduler.decide(request),
      isDraining: () => this.scheduler.isDraining,
    });
    this.armory = new Armory(this.board, clock, (workflow, error) => log.error({ workflow, err: error }, 'cannot arm'));
  }

  serve(): Promise<RunningServer> {
    const { config, ports, opened, metrics } = this;
    return serveControl(this.#createControl(), { config, ports, opened, metrics });
  }

  async recover(): Promise<{ readonly running: number; readonly queued: number }> {
    const unfinished = await this.state.unfinishedRuns();
    const hashes = new Set(unfinished.map(({ definition }) => definition));
    const definitions = [...hashes].flatMap((hash) => this.state.definition(hash) ?? []);
    this.#reload = await this.#definitions.compileAll(definitions);
    await giveUpAfterLoss(this);
    const taken = await this.scheduler.recover();
    return taken;
  }

  async openCatalog(): Promise<Catalog> {
    const onChange = (change: CatalogChange): void => this.#takeChange(change);
    const catalog = await openDaemonCatalog(this.config, this.ports, this.plugins, this.#loadOptions, onChange);
    this.#catalog = catalog;
    logCatalog(this.ports.log, catalog.list());
    await this.#forgetGone(catalog);
    await this.armory.settled();
    this.#setRecovered();
    this.#isReady = true;
    return catalog;
  }

  #takeChange(change: CatalogChange): void {
    const { log } = this.ports;
    this.armory.take(change);
    logCatalogChange(log, change, this.#catalog === null);
    const catalog = this.#catalog;
    if (!catalog || change.kind !== 'degraded' || change.reason !== null) return;
    // What stands in the folder is known after the next look only.
    const looked = catalog.rescan().then(() => this.#forgetGone(catalog));
    looked.catch((error) => log.error({ err: error }, 'cannot forget workflows that are gone'));
  }

  /** A file that was away while no daemon ran, and comes back, has nothing to make up for. */
  async #forgetGone(catalog: Catalog): Promise<void> {
    const remembered = await this.state.triggeredWorkflows();
    // Of a folder that cannot be read nobody knows what is gone.
    if (catalog.degraded === null) this.armory.forget(remembered.filter((id) => !catalog.get(id)));
  }

  #createKeeper(): Housekeeper {
    const { config, ports, opened, state } = this;
    const { clock, log } = ports;
    const { path: folder, runs } = opened.folder;
    const damage = () => opened.database.check();
    const tryAgain = () => opened.database.tryAgain();
    const forgetResults = (before: number) => this.cache.forget(before);
    return createHousekeeper({ ...config, state, tryAgain, damage, folder, runs, forgetResults, clock, log });
  }

  #createScheduler(): Scheduler {
    const { config, ports, opened, spawner, state } = this;
    const { clock, hostEnv, log, taskUser } = ports;
    const calls = {
      state,
      scheduler: () => this.scheduler,
      book: this.#book,
      catalog: this.#recovered.then(() => this.#catalog),
    };
    const host = {
      runs: opened.folder.runs,
      clock,
      drivers: taskDrivers(config, ports, opened, spawner, calls, this.plugins.drivers),
      secrets: this.#runSecrets,
      helpers: this.plugins.helpers,
      logMasks: ports.masks,
      hostEnv,
      taskUser,
      graceMs: config.graceMs,
      payloadText: (run: string) => state.payloadText(run),
      openCache: (workflow: Workflow) => this.cache.open(workflow),
      sweep: (mark: string) => spawner.sweep(mark),
      removeContainers: (run: string) => removeContainers(config, ports, opened, (id) => id === run),
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
        ended: (run) => {
          this.keeper.ended(run);
          this.notices.tell(run);
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
        inForce: async () => {
          await this.armory.settled();
          return !this.armory.isBehind;
        },
        judge: (delivery) => board.judge(delivery),
        submit: (request) => scheduler.decide(request),
      }),
      secrets: this.#keeper,
      housekeeping: this.#housekeeping(),
      catalog: () => this.#folder(),
      recovered: this.#recovered,
      subscribe: (listener) => this.#hub.subscribe(listener),
    });
  }

  #housekeeping(): Housekeeping {
    return {
      prune: (dryRun) => this.keeper.prune(dryRun),
      backup: (folder) => this.opened.database.backup(folder),
      doctor: () => this.#doctor(),
      health: () => this.#health(),
      readiness: () => (this.#isReady ? null : 'starting'),
    };
  }

  async #doctor(): Promise<readonly Finding[]> {
    const { config, opened, state, ports, spawner: executor } = this;
    const missing = (workflow: Workflow) => this.#keeper.missing(workflow);
    const own = examine({ config, opened, state, now: ports.clock.now(), catalog: this.#folder(), executor, missing });
    return [...(await own), ...(await checkContainers(config, ports, opened)), ...checkPlugins(this.plugins)];
  }

  #folder() {
    return this.#catalog ?? { degraded: 'not looked at yet', list: () => [], get: () => undefined };
  }

  #health(): Health {
    const { scheduler, state, ports, opened } = this;
    const { version } = ports;
    const problems = [opened.database.trouble, this.keeper.full, this.keeper.damage, this.#catalog?.degraded ?? null];
    return healthOf({ scheduler, state, version, problems, loss: opened.loss, startedAt: this.#startedAt });
  }

  async #compile({ file, workflow: id, text }: Definition): Promise<Workflow | null> {
    const source = { file, id, bytes: Buffer.from(text) };
    return (await loadWorkflow(source, this.#loadOptions)).workflow;
  }
}
