/** How a task ended. */
export type TaskStatus = 'success' | 'failed' | 'skipped' | 'cancelled';

/** How a run ended. */
export type RunStatus = 'success' | 'failed' | 'cancelled';

/** Why an attempt failed; `retry.on` lists some of these. */
export const FAILURE_REASONS = [
  'exit_code',
  'signal',
  'timed_out',
  'lost',
  'oom_killed',
  'provisioning_failed',
  'not_found',
  'not_executable',
  'bad_interpreter',
  'bad_working_dir',
  'bad_file',
  'too_long',
  'resources',
  'missing_output',
  'bad_output',
  'bad_template',
  'missing_secret',
  'bad_call',
  'workflow_failed',
  'driver_error',
] as const;

/** Why a task did not succeed by itself. */
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Why a task was skipped: a parent's end, its own `if`, `--only`, or a run that was in the way of the one it calls. */
export type SkipReason = 'dependency' | 'condition' | 'not_selected' | 'overlap';

/** Why a task or run was ended from outside, in the words shown to users. */
export type CancelReason = 'user' | 'fail_fast' | 'shutdown' | 'timed_out' | 'superseded' | 'queue_timeout' | 'caller';

/** Any reason a record may carry. */
export type Reason = FailureReason | SkipReason | CancelReason;
