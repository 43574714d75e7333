import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROCESS_LABEL } from './drivers/docker/container-request.ts';
import { type EngineClient, EngineError } from './drivers/docker/engine-client.ts';
import { reapContainers } from './drivers/docker/reap.ts';
import { isGone } from './executor/process-identity.ts';

/**
 * Takes away the containers of each `exec` that was killed: of those whose runs lie in this folder. One whose process cannot be
 * seen from here may be alive.
 */
export async function removeLeftBehind(engine: EngineClient, runs: string): Promise<void> {
  try {
    await reapContainers(engine, PROCESS_LABEL, ({ runner = '', [PROCESS_LABEL]: process = '' }) => {
      const run = /^exec-([0-9a-f-]+)$/.exec(runner)?.[1];
      return run !== undefined && existsSync(join(runs, run)) && isGone(process);
    });
  } catch (error) {
    // What is wrong with the engine the task itself will say; the next `exec` tries again.
    if (!(error instanceof EngineError)) throw error;
  }
}
