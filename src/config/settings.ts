import type { Limits } from '../workflow/limits.ts';
import type { Address } from './address.ts';
import {
  ADDRESS,
  choice,
  count,
  duration,
  FILE,
  FLAG,
  FOLDER,
  type Folder,
  HOST_NAMES,
  type Kind,
  PACKAGES,
  PATHS,
  size,
  USER,
  WEBHOOK_SECRETS,
} from './kinds.ts';

/** How a daemon is to behave. Times in ms, sizes in bytes. `docs/config.md` says what each means. */
export interface Config {
  readonly workflows: Folder;
  /** Absolute. */
  readonly stateDir: string;
  readonly listen: Address;
  readonly behindProxy: boolean;
  readonly hostNames: readonly string[];
  readonly github: {
    /** None turns the endpoint off; any of them proves a delivery genuine. */
    readonly webhookSecrets: readonly string[];
  };
  readonly webhook: { readonly maxBodyBytes: number };
  readonly maxRuns: number;
  readonly maxParallel: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  readonly drainMs: number;
  readonly onStop: 'detach' | 'cancel';
  readonly graceMs: number;
  readonly retention: { readonly maxAgeMs: number; readonly maxRuns: number; readonly maxBytes: number };
  readonly disk: { readonly minFreeBytes: number; readonly minFreePercent: number };
  readonly limits: Limits;
  readonly osExec: { readonly user: string | null };
  readonly docker: {
    /** null is the usual one. */
    readonly socket: string | null;
    /** Absolute paths that containers may see. */
    readonly volumes: readonly string[];
    readonly allowPrivileged: boolean;
    readonly allowSocket: boolean;
  };
  readonly plugins: {
    /** null is `plugins` beside the folder of workflows. */
    readonly folder: Folder | null;
    /** Names of npm packages. */
    readonly packages: readonly string[];
  };
  readonly log: { readonly level: LogLevel };
  readonly rescanMs: number;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** From the least to the most important. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the machine and the caller say; defaults come from it. */
export interface Surroundings {
  /** Absolute path of the current folder. */
  readonly cwd: string;
  /** Absolute path of the state directory when nothing names another. */
  readonly usualStateDir: string;
  /** How many processors there are. */
  readonly processors: number;
}

/** One value of the configuration: where it may stand and how it is read. */
export interface Setting<T> {
  /** In the file, with dots between the levels: `github.webhook_secret`. */
  readonly key: string;
  /** The variable of the environment. */
  readonly env: string;
  /** The option of the command line without dashes, or null. */
  readonly flag: string | null;
  readonly kind: Kind<T>;
  readonly fallback: (surroundings: Surroundings) => T;
  /** The default in words, for the manual. */
  readonly usual: string;
}

/** The variable that names the file. */
export const CONFIG_ENV = 'RUNNER_CONFIG';

const COUNT = count(1, 1_000_000);

/** Every setting. */
export const SETTINGS = {
  workflows: {
    ...setting('workflows', FOLDER, folderIn('workflows'), '`workflows` in the current folder'),
    flag: 'workflows',
  },
  stateDir: {
    ...setting(
      'state_dir',
      FOLDER,
      usualStateDir,
      '`/var/lib/runnerd` for who may use it, else `runner` in the state folder of the user (`$XDG_STATE_HOME`)',
    ),
    env: 'RUNNER_HOME',
    flag: 'state-dir',
  },
  listen: { ...plain('listen', ADDRESS, '127.0.0.1:8420'), flag: 'listen' },
  behindProxy: plain('behind_proxy', FLAG, 'false'),
  hostNames: setting('host_names', HOST_NAMES, () => [], 'none'),
  webhookSecrets: setting('github.webhook_secret', WEBHOOK_SECRETS, () => [], 'none'),
  maxBody: plain('webhook.max_body', size('1KiB', '100MiB'), '25MiB'),
  maxRuns: plain('max_runs', COUNT, '100'),
  maxParallel: setting(
    'max_parallel',
    COUNT,
    ({ processors }) => Math.max(2, processors),
    'the number of processors, at least 2',
  ),
  queueLimit: plain('queue_limit', COUNT, '1000'),
  queueTimeout: plain('queue_timeout', duration('1s', '30d'), '1d'),
  drain: { ...plain('drain', duration('0s', '1d'), '30s'), flag: 'drain' },
  onStop: plain('on_stop', choice<'detach' | 'cancel'>(['detach', 'cancel']), 'detach'),
  grace: plain('grace', duration('0s', '1h'), '10s'),
  maxAge: plain('retention.max_age', duration('1m', '36500d'), '30d'),
  keptRuns: plain('retention.max_runs', COUNT, '1000'),
  maxBytes: plain('retention.max_bytes', size('1MiB', '1000000TiB'), '10GiB'),
  minFree: plain('disk.min_free', size('0B', '1000000TiB'), '500MiB'),
  minFreePercent: plain('disk.min_free_percent', count(0, 99), '5'),
  limitBytes: plain('limits.bytes', size('1KiB', '64MiB'), '1MiB'),
  limitTasks: plain('limits.tasks', COUNT, '10000'),
  limitKeys: plain('limits.keys', COUNT, '2000'),
  limitDepth: plain('limits.depth', count(4, 200), '50'),
  limitAliasNodes: plain('limits.alias_nodes', COUNT, '1000'),
  limitSymbols: plain('limits.symbols', count(1, 100_000_000), '500000'),
  limitBrackets: plain('limits.brackets', count(1, 100_000_000), '100000'),
  limitTemplateText: plain('limits.template_text', size('1KiB', '64MiB'), '384KiB'),
  limitCombinations: plain('limits.combinations', COUNT, '256'),
  user: setting('os_exec.user', USER as Kind<string | null>, () => null, 'the user of the daemon'),
  dockerSocket: setting(
    'docker.socket',
    FILE as Kind<string | null>,
    () => null,
    "`DOCKER_HOST` if it is a socket, else `/var/run/docker.sock` or the user's own",
  ),
  dockerVolumes: setting('docker.volumes', PATHS, () => [], 'none'),
  dockerPrivileged: plain('docker.allow_privileged', FLAG, 'false'),
  dockerAllowSocket: plain('docker.allow_socket', FLAG, 'false'),
  pluginFolder: setting(
    'plugins.folder',
    FOLDER as Kind<Folder | null>,
    () => null,
    '`plugins` beside the folder of workflows',
  ),
  pluginPackages: setting('plugins.packages', PACKAGES, () => [], 'none'),
  logLevel: plain('log.level', choice<LogLevel>(LOG_LEVELS), 'info'),
  rescan: plain('rescan', duration('1s', '1h'), '30s'),
} as const;

/** Puts the configuration together from its settings. */
export function buildConfig(read: <T>(setting: Setting<T>) => T): Config {
  const s = SETTINGS;
  return {
    workflows: read(s.workflows),
    stateDir: read(s.stateDir).path,
    listen: read(s.listen),
    behindProxy: read(s.behindProxy),
    hostNames: read(s.hostNames),
    github: { webhookSecrets: read(s.webhookSecrets) },
    webhook: { maxBodyBytes: read(s.maxBody) },
    maxRuns: read(s.maxRuns),
    maxParallel: read(s.maxParallel),
    queueLimit: read(s.queueLimit),
    queueTimeoutMs: read(s.queueTimeout),
    drainMs: read(s.drain),
    onStop: read(s.onStop),
    graceMs: read(s.grace),
    retention: { maxAgeMs: read(s.maxAge), maxRuns: read(s.keptRuns), maxBytes: read(s.maxBytes) },
    disk: { minFreeBytes: read(s.minFree), minFreePercent: read(s.minFreePercent) },
    limits: buildLimits(read),
    osExec: { user: read(s.user) },
    docker: {
      socket: read(s.dockerSocket),
      volumes: read(s.dockerVolumes),
      allowPrivileged: read(s.dockerPrivileged),
      allowSocket: read(s.dockerAllowSocket),
    },
    plugins: { folder: read(s.pluginFolder), packages: read(s.pluginPackages) },
    log: { level: read(s.logLevel) },
    rescanMs: read(s.rescan),
  };
}

function buildLimits(read: <T>(setting: Setting<T>) => T): Limits {
  return {
    bytes: read(SETTINGS.limitBytes),
    tasks: read(SETTINGS.limitTasks),
    keys: read(SETTINGS.limitKeys),
    depth: read(SETTINGS.limitDepth),
    aliasNodes: read(SETTINGS.limitAliasNodes),
    symbols: read(SETTINGS.limitSymbols),
    brackets: read(SETTINGS.limitBrackets),
    templateText: read(SETTINGS.limitTemplateText),
    combinations: read(SETTINGS.limitCombinations),
  };
}

function setting<T>(key: string, kind: Kind<T>, fallback: Setting<T>['fallback'], usual: string): Setting<T> {
  return { key, env: `RUNNER_${key.replaceAll('.', '_').toUpperCase()}`, flag: null, kind, fallback, usual };
}

// A default that is written as a user would write it.
function plain<T>(key: string, kind: Kind<T>, text: string): Setting<T> {
  const reading = kind.read([text], '/');
  if ('problem' in reading) throw new Error(`Internal error: the default of ${key} ${reading.problem}`);
  return setting(key, kind, () => reading.value, `\`${text}\``);
}

function folderIn(name: string): (surroundings: Surroundings) => Folder {
  return ({ cwd }) => ({ path: `${cwd}/${name}`, shownAs: name });
}

function usualStateDir({ usualStateDir: path }: Surroundings): Folder {
  return { path, shownAs: path };
}
