/** Variables the host passes on to every task; besides them everything that begins with `LC_`. */
export const HOST_VARIABLES: readonly string[] = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'USER'];

/** Variables the program sets for every task (DESIGN section 3, "Environment of a task"). */
export const SYSTEM_VARIABLES: readonly string[] = [
  'CI',
  'RUNNER_WORKFLOW',
  'RUNNER_RUN_ID',
  'RUNNER_RUN_NUMBER',
  'RUNNER_TASK',
  'RUNNER_TASK_ID',
  'RUNNER_TASK_IMAGE',
  'RUNNER_ATTEMPT',
  'RUNNER_WORKSPACE',
  'RUNNER_EVENT_PATH',
  'RUNNER_EVENT_NAME',
  'RUNNER_SCHEDULED_AT',
];

/** What templates read under `trigger`, `workflow` and `run`. */
export const ROOT_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['trigger', 'kind event action repository branch tag sha sender scheduled_at payload'.split(' ')],
  ['workflow', ['id', 'name', 'namespace']],
  ['run', ['id', 'number', 'attempt']],
]);
