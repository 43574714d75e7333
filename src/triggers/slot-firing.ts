import type { Firing } from '../model/run.ts';

/** What templates see of a firing by time. */
export function slotFiring(kind: string, at: number): Firing {
  return {
    kind,
    event: '',
    action: '',
    repository: '',
    branch: '',
    tag: '',
    sha: '',
    sender: '',
    scheduledAt: new Date(at).toISOString(),
    payload: {},
  };
}
