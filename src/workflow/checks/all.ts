import { checkCaches } from './caches.ts';
import type { Check } from './check.ts';
import { checkCutComments } from './cut-comments.ts';
import { checkCycles } from './cycles.ts';
import { checkDependencies } from './dependencies.ts';
import { checkEnv } from './env.ts';
import { checkExports } from './exports.ts';
import { checkFiles } from './files.ts';
import { checkGithubEvents } from './github-events.ts';
import { checkImportConditions } from './import-conditions.ts';
import { checkImports } from './imports.ts';
import { checkInputs } from './inputs.ts';
import { checkMatrices } from './matrices.ts';
import { checkNotify } from './notify.ts';
import { checkPluginTriggers } from './plugin-triggers.ts';
import { checkResources } from './resources.ts';
import { checkSchedules } from './schedules.ts';
import { checkSecrets } from './secrets.ts';
import { checkSpecs } from './specs.ts';
import { checkTaskForm } from './task-form.ts';
import { checkTaskNames } from './task-names.ts';
import { checkTimes } from './times.ts';
import { checkTriggers } from './triggers.ts';

/** Every rule about the meaning of a file; references of templates are checked where they are compiled. */
export const CHECKS: readonly Check[] = [
  checkTaskNames,
  checkTaskForm,
  checkSpecs,
  checkDependencies,
  checkImports,
  checkImportConditions,
  checkExports,
  checkMatrices,
  checkCycles,
  checkEnv,
  checkSecrets,
  checkInputs,
  checkFiles,
  checkResources,
  checkCaches,
  checkTimes,
  checkPluginTriggers,
  checkTriggers,
  checkSchedules,
  checkGithubEvents,
  checkNotify,
  checkCutComments,
];
