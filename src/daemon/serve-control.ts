import type { Config } from '../config/settings.ts';
import type { Control } from '../model/control.ts';
import type { Metrics } from '../server/metrics.ts';
import type { RunningServer } from '../server/start-server.ts';
import type { DaemonPorts } from './daemon-ports.ts';
import { type OpenedState, StartRefusal } from './open-state.ts';

/** What a daemon's server is set up with. */
export interface ServeParts {
  readonly config: Config;
  readonly ports: DaemonPorts;
  readonly opened: OpenedState;
  readonly metrics: Metrics;
}

/** Answers over HTTP what is asked of a daemon. @throws {StartRefusal} when the address is taken */
export async function serveControl(
  control: Control,
  { config, ports, opened, metrics }: ServeParts,
): Promise<RunningServer> {
  const { webhookSecrets } = config.github;
  const { startServer } = await import('../server/start-server.ts');
  try {
    return await startServer({
      control,
      listen: config.listen,
      socketPath: opened.folder.socket,
      token: opened.token,
      hostNames: config.hostNames,
      github: webhookSecrets.length > 0 ? { secrets: webhookSecrets } : null,
      clock: ports.clock,
      log: ports.log,
      metrics,
      version: ports.version,
      limits: {
        webhookBody: config.webhook.maxBodyBytes,
        // A proxy is one address, whoever stands behind it.
        ...(config.behindProxy ? { connectionsPerAddress: Number.POSITIVE_INFINITY } : {}),
      },
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    const { host, port } = config.listen ?? { host: '', port: 0 };
    throw new StartRefusal(4, `the address ${host}:${port} is in use`);
  }
}
