import type { CatalogEntry } from '../catalog/entry.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { Finding, Health, LiveEvent, PruneReport, RekeyReport, SecretList, SecretRequest } from '../model/api.ts';
import type { Caller } from '../model/control.ts';
import type { Clock } from '../model/ports.ts';
import type { StateStore } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';
import type { Deliveries } from './deliveries.ts';
import type { RunBook } from './run-book.ts';
import type { TriggerBoard } from './trigger-board.ts';

/** What the daemon's parts offer to those who ask from outside. */
export interface ControlParts {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly board: TriggerBoard;
  readonly book: RunBook;
  readonly deliveries: Deliveries;
  readonly secrets: SecretKeeper;
  readonly housekeeping: Housekeeping;
  /** The workflows of the folder. */
  catalog(): {
    readonly degraded: string | null;
    list(): readonly CatalogEntry[];
    get(id: string): CatalogEntry | undefined;
  };
  /** Resolves once unfinished runs have been taken up and the workflows are known; nothing is decided before. */
  readonly recovered: Promise<void>;
  subscribe(listener: (event: LiveEvent) => void): () => void;
}

/** Keeps secrets, and says who may read them. */
export interface SecretKeeper {
  list(): Promise<SecretList>;
  set(name: string, request: SecretRequest, caller: Caller): Promise<void>;
  delete(name: string, scope: string | null, caller: Caller): Promise<void>;
  /** Seals every value with a new key. */
  rekey(caller: Caller): Promise<RekeyReport>;
  /** Names of a workflow's secrets that it cannot have. */
  missing(workflow: Workflow): readonly string[];
}

/** What the daemon can say about itself, and do for the disk. */
export interface Housekeeping {
  prune(dryRun: boolean): Promise<PruneReport>;
  backup(folder: string): Promise<void>;
  doctor(): Promise<readonly Finding[]>;
  health(): Health;
  readiness(): string | null;
}
