import type { Caller } from '../model/control.ts';
import type { AuditRecord } from '../model/state-store.ts';

/** One line of the audit trail: who did what to what. */
export function auditOf(at: number, caller: Caller, action: string, subject: string, result = 'ok'): AuditRecord {
  const from = caller.address === '' ? caller.actor : `${caller.actor} ${caller.address}`;
  return { at, actor: from, action, subject, result };
}
