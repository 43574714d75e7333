import type { AuditView } from '../model/api.ts';
import type { Caller } from '../model/control.ts';
import type { AuditRecord, NumberedAudit } from '../model/state-store.ts';
import { isoTime } from './run-view.ts';

/** One line of the audit trail: who did what to what. */
export function auditOf(at: number, caller: Caller, action: string, subject: string, result = 'ok'): AuditRecord {
  const from = caller.address === '' ? caller.actor : `${caller.actor} ${caller.address}`;
  return { at, actor: from, action, subject, result };
}

/** A line of the audit trail as the API shows it. */
export function auditView({ number, at, actor: who, action, subject }: NumberedAudit): AuditView {
  const [actor = '', from = ''] = who.split(' ');
  return { number, at: isoTime(at), actor, from, action, subject };
}
