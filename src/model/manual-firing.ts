import type { Firing } from './run.ts';

/** The firing of a run that was started by hand without an event: everything empty but the kind. */
export const MANUAL_FIRING: Firing = {
  kind: 'manual',
  event: '',
  action: '',
  repository: '',
  branch: '',
  tag: '',
  sha: '',
  sender: '',
  scheduledAt: '',
  payload: {},
};
