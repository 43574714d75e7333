import type { Finding } from '../../model/api.ts';
import type { Check, Patient } from './check.ts';
import { listenAddress, taskUser, webhook } from './check-access.ts';
import { nodeVersion, openFiles, strayProcesses, timeZones } from './check-machine.ts';
import { database, disk, executor, stateFolder } from './check-state.ts';
import { clock, secrets, triggers, workflows, workflowsFolder } from './check-work.ts';

/** All checks by name, in the order in which they are shown. `docs/doctor.md` says what each means. */
export const CHECKS: Readonly<Record<string, Check>> = {
  'state-folder': stateFolder,
  database,
  disk,
  executor,
  'workflows-folder': workflowsFolder,
  workflows,
  secrets,
  triggers,
  clock,
  'task-user': taskUser,
  'stray-processes': strayProcesses,
  'listen-address': listenAddress,
  webhook,
  'open-files': openFiles,
  'time-zones': timeZones,
  node: nodeVersion,
};

/** Looks at everything; a check that fails is a finding of its own. */
export async function examine(patient: Patient): Promise<readonly Finding[]> {
  return Promise.all(
    Object.entries(CHECKS).map(async ([name, check]): Promise<Finding> => {
      try {
        return { name, ...(await check(patient)) };
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        return { name, level: 'error', message: `cannot be looked at: ${words}` };
      }
    }),
  );
}
