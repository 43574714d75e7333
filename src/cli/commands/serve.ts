import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import packageJson from '../../../package.json' with { type: 'json' };
import { BUILTIN_TYPES } from '../../builtin.ts';
import { usualDockerSocket } from '../../compose-docker.ts';
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts';
import { formatConfigProblems } from '../../config/print-problems.ts';
import type { Config } from '../../config/settings.ts';
import { type Daemon, startDaemon } from '../../daemon/daemon.ts';
import { StartRefusal } from '../../daemon/open-state.ts';
import { findTaskUser, variablesOf } from '../../daemon/task-user.ts';
import { createLog, openLogOutput } from '../../daemon-log.ts';
import { hostVariables } from '../../engine/environment.ts';
import { executorCommand } from '../../executor/start-executor.ts';
import type { Log } from '../../model/log.ts';
import { systemClock } from '../../util/clock.ts';
import { daemonStateDir } from '../../util/daemon-state-dir.ts';
import { findProgram } from '../../util/find-program.ts';
import { SecretSet } from '../../util/mask/secret-set.ts';
import type { NotifySystemd, ServiceState } from '../../util/notify-systemd.ts';
import { defineCommand } from '../command.ts';
import { EXIT_SUCCESS, EXIT_USAGE } from '../exit-code.ts';
import type { CliIO, EndSignal } from '../io.ts';
import type { Arguments } from '../options.ts';
import { feedWatchdog, tellSystemd } from '../tell-systemd.ts';

const OPTIONS = {
  workflows: { kind: 'text', value: 'DIR', description: 'The folder of workflows', fallback: 'workflows' },
  stateDir: { kind: 'text', value: 'DIR', description: 'Where runs, logs and secrets are kept' },
  listen: { kind: 'text', value: 'HOST:PORT', description: 'Where to listen', fallback: '127.0.0.1:8420' },
  drain: { kind: 'text', value: 'TIME', description: 'How long a stop waits for runs', fallback: '30s' },
  config: { kind: 'text', value: 'FILE', description: 'The config file', fallback: 'config.yml in the state folder' },
} as const;

/** `runnerd` itself: the daemon. */
export const serve = defineCommand({
  name: '',
  summary: 'Watch a folder of workflows and run them',
  details: [
    'Writes JSON lines to stdout; the line "ready" names the address. TERM and INT stop it, a second one at once; HUP looks at the workflows again.',
    'Exits 0 after a stop, 2 when the command line or the config is wrong, 3 when another daemon has the state, 4 when the address is in use, 70 after an internal error.',
    '"runnerd unit" prints a unit for systemd.',
  ],
  options: OPTIONS,
  async run(args, io) {
    const umask = process.umask(0o077);
    io.closeInherited();
    const loaded = await readConfig(args, io);
    if (!('config' in loaded)) {
      await io.stderr.write(formatConfigProblems(loaded, { color: false }));
      return EXIT_USAGE;
    }
    const masks = new SecretSet();
    for (const secret of loaded.config.github.webhookSecrets) masks.add(secret);
    const log = createLog({
      // Who reads the log may go; the daemon stays.
      output: openLogOutput(1, () => undefined),
      level: loaded.config.log.level,
      mask: (text) => masks.maskText(text),
      clock: systemClock,
    });
    for (const warning of loaded.warnings) log.warn({ warning }, 'config');
    return live(loaded.config, umask, masks, log, io);
  },
});

function readConfig({ options }: Arguments<typeof OPTIONS>, io: CliIO): Promise<LoadedConfig> {
  const { workflows, stateDir, listen, drain, config } = options;
  return loadConfig({
    flags: { workflows, 'state-dir': stateDir, listen, drain, config },
    env: io.env,
    cwd: io.cwd,
    usualStateDir: daemonStateDir(undefined, io.env, io.cwd),
    processors: availableParallelism(),
  });
}

/** From the start of the daemon to its end. */
async function live(config: Config, umask: number, masks: SecretSet, log: Log, io: CliIO): Promise<number> {
  const path = io.env.PATH ?? '';
  const signals = new EarlySignals(io);
  // What a start makes is there to stay: to give it a large young generation first would keep 30 MB for nothing.
  setFlagsFromString('--semi-space-growth-factor=1');
  try {
    const { user } = config.osExec;
    const taskUser = user === null ? null : await findTaskUser(user, path);
    const daemon = await startDaemon(config, {
      clock: systemClock,
      log,
      masks,
      version: packageJson.version,
      executor: executorCommand(join(__dirname, 'executor.cjs'), path),
      judge: join(__dirname, 'judge.cjs'),
      pluginHost: join(__dirname, 'plugin-host.cjs'),
      umask,
      hostEnv: new Map([...hostVariables(io.env), ...(taskUser ? variablesOf(taskUser) : [])]),
      taskUser,
      dockerSocket: usualDockerSocket(io.env),
      types: BUILTIN_TYPES,
      dialect: findProgram('bash', path) === undefined ? 'sh' : 'bash',
    });
    setFlagsFromString('--semi-space-growth-factor=2');
    log.info({ address: daemon.address, pid: process.pid }, 'ready');
    const tell = tellSystemd(io.env, log);
    const ready = { kind: 'ready', text: `Listens on ${daemon.address ?? 'its control socket'}` } as const;
    void tell(ready);
    const leaveWatchdog = feedWatchdog(tell, io.env, systemClock);
    await untilStopped(daemon, log, signals, tell, ready);
    leaveWatchdog();
    log.info({}, 'stopped');
    return EXIT_SUCCESS;
  } catch (error) {
    if (!(error instanceof StartRefusal)) throw error;
    await io.stderr.write(`runnerd: ${error.message}\n`);
    return error.exitCode;
  }
}

/** Resolves once the daemon has been asked to stop, and has. Until then a hang-up makes it look at the workflows. */
function untilStopped(
  daemon: Daemon,
  log: Log,
  signals: EarlySignals,
  tell: NotifySystemd,
  ready: ServiceState,
): Promise<void> {
  const hurry = new AbortController();
  let stopped: Promise<void> | null = null;
  const reload = async (): Promise<void> => {
    void tell({ kind: 'reloading', text: 'Looks at the workflows' });
    await daemon.rescan().catch((error) => log.error({ err: error }, 'cannot look at the workflows'));
    // Too late when it is stopping: systemd would believe it.
    if (!stopped) void tell(ready);
  };
  return new Promise((resolve, reject) => {
    signals.hear((signal) => {
      log.info({ signal }, signal === 'SIGHUP' ? 'looking at the workflows again' : 'stopping');
      if (stopped && signal !== 'SIGHUP') hurry.abort();
      else if (!stopped && signal === 'SIGHUP') void reload();
      else if (!stopped) {
        const told = tell({ kind: 'stopping', text: 'Waits for runs to end' });
        stopped = daemon.stop(hurry.signal).then(() => told);
        stopped.then(resolve, reject);
      }
    });
  });
}

/** Signals from the first moment on: those that come before somebody hears them wait. */
class EarlySignals {
  readonly #early: EndSignal[] = [];
  #listener: ((signal: EndSignal) => void) | null = null;

  constructor(io: CliIO) {
    io.onSignal((signal) => {
      if (this.#listener) this.#listener(signal);
      else this.#early.push(signal);
    });
  }

  hear(listener: (signal: EndSignal) => void): void {
    this.#listener = listener;
    for (const signal of this.#early.splice(0)) listener(signal);
  }
}
