import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { BUILTIN_TYPES } from '../builtin.ts';
import { type Daemon, startDaemon } from '../daemon/daemon.ts';
import { StartRefusal } from '../daemon/open-state.ts';
import type { DaemonSettings } from '../daemon/settings.ts';
import { hostVariables } from '../engine/environment.ts';
import type { Log } from '../server/log.ts';
import { systemClock } from '../util/clock.ts';
import { daemonStateDir } from '../util/daemon-state-dir.ts';
import { readPayload } from '../util/delivery-check.ts';
import { findProgram } from '../util/find-program.ts';
import { DEFAULT_LIMITS } from '../workflow/limits.ts';
import { parseArguments } from './arguments.ts';

const OPTIONS = {
  workflows: { kind: 'text', value: 'DIR', description: 'The folder of workflows', fallback: 'workflows' },
  stateDir: { kind: 'text', value: 'DIR', description: 'Where state is kept' },
  listen: { kind: 'text', value: 'HOST:PORT', description: 'Where to listen', fallback: '127.0.0.1:8420' },
  config: { kind: 'text', value: 'FILE', description: 'The config file' },
} as const;

/** The whole of `runnerd`: starts the daemon and sees it to its end. Resolves with the exit code. */
export async function runnerd(argv: readonly string[]): Promise<number> {
  const umask = process.umask(0o077);
  const parsed = parseArguments(argv, OPTIONS, undefined);
  if (parsed.kind !== 'arguments') {
    process.stderr.write(parsed.kind === 'help' ? 'help\n' : `${parsed.message}\n`);
    return 2;
  }
  const options = parsed.args.options as { workflows?: string; stateDir?: string; listen?: string };
  const { env } = process;
  const cwd = process.cwd();
  const [host = '127.0.0.1', port = '8420'] = (options.listen ?? '127.0.0.1:8420').split(':');
  const settings: DaemonSettings = {
    workflows: { path: resolve(cwd, options.workflows ?? 'workflows'), shownAs: options.workflows ?? 'workflows' },
    stateDir: daemonStateDir(options.stateDir, env, cwd),
    listen: { host, port: Number(port) },
    hostNames: [],
    githubSecrets: env.RUNNER_GITHUB_WEBHOOK_SECRET ? [env.RUNNER_GITHUB_WEBHOOK_SECRET] : null,
    maxRuns: Number(env.RUNNER_MAX_RUNS ?? 100),
    maxParallel: Number(env.RUNNER_MAX_PARALLEL ?? Math.max(2, availableParallelism())),
    queueLimit: 1000,
    queueTimeoutMs: null,
    drainMs: 30_000,
    onStop: 'detach',
    graceMs: 10_000,
    rescanMs: 30_000,
    limits: DEFAULT_LIMITS,
  };
  const log = jsonLog();
  try {
    const daemon = await startDaemon(settings, {
      clock: systemClock,
      log,
      version: packageJson.version,
      executor: {
        argv: [process.execPath, join(__dirname, 'executor.cjs')],
        env: { PATH: env.PATH ?? '', RUNNER_STATE: settings.stateDir },
      },
      umask,
      hostEnv: hostVariables(env),
      types: BUILTIN_TYPES,
      dialect: findProgram('bash', env.PATH ?? '') === undefined ? 'sh' : 'bash',
      parseBody: (bytes) => {
        const { payload, problem } = readPayload(bytes);
        return payload ?? problem ?? '';
      },
    });
    log.info({ address: daemon.address, pid: process.pid }, 'ready');
    await untilStopped(daemon, log);
    log.info({}, 'stopped');
    return 0;
  } catch (error) {
    if (!(error instanceof StartRefusal)) throw error;
    process.stderr.write(`runnerd: ${error.message}\n`);
    return error.exitCode;
  }
}

function untilStopped(daemon: Daemon, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    const hurry = new AbortController();
    let isStopping = false;
    const stop = (signal: string): void => {
      if (isStopping) return hurry.abort();
      isStopping = true;
      log.info({ signal }, 'stopping');
      daemon.stop(hurry.signal).then(resolve, reject);
    };
    process.on('SIGTERM', () => stop('SIGTERM'));
    process.on('SIGINT', () => stop('SIGINT'));
    process.on('SIGHUP', () => void daemon.rescan());
  });
}

function jsonLog(): Log {
  const write = (level: string) => (fields: object, msg: string) => {
    process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), msg, ...fields }, errors)}\n`);
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function errors(_key: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack } : value;
}
