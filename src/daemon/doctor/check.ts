import type { CatalogEntry } from '../../catalog/entry.ts';
import type { Config } from '../../config/settings.ts';
import type { Finding } from '../../model/api.ts';
import type { StateStore } from '../../model/state-store.ts';
import type { Workflow } from '../../model/workflow.ts';
import type { OpenedState } from '../open-state.ts';

/** What the doctor looks at. */
export interface Patient {
  readonly config: Config;
  readonly opened: OpenedState;
  readonly state: StateStore;
  /** ms since the epoch. */
  readonly now: number;
  readonly catalog: { readonly degraded: string | null; list(): readonly CatalogEntry[] };
  readonly executor: { readonly pid: number | null; list(): Promise<readonly unknown[]> };
  /** Names of a workflow's secrets that it cannot have. */
  missing(workflow: Workflow): readonly string[];
}

/** What one check found; in words that say what to do, when something is to be done. */
export type Verdict = Pick<Finding, 'level' | 'message'>;

/** Looks at one thing. What it throws is a finding too. */
export type Check = (patient: Patient) => Verdict | Promise<Verdict>;

/** All is well. */
export function ok(message: string): Verdict {
  return { level: 'ok', message };
}

/** Works, but not as it should. */
export function warning(message: string): Verdict {
  return { level: 'warning', message };
}

/** Does not work, or is not safe. */
export function error(message: string): Verdict {
  return { level: 'error', message };
}

/** The first few of many, in one line. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).join(', ');
  return names.length > MOST_SHOWN ? `${shown} and ${names.length - MOST_SHOWN} more` : shown;
}

const MOST_SHOWN = 5;
