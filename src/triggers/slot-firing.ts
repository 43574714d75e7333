import { MANUAL_FIRING } from '../model/manual-firing.ts';
import type { Firing } from '../model/run.ts';

/** What templates see of a firing by time. */
export function slotFiring(kind: string, at: number): Firing {
  return { ...MANUAL_FIRING, kind, scheduledAt: new Date(at).toISOString() };
}
