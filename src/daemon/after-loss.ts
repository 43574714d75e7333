import type { Scheduler } from '../engine/scheduler.ts';
import type { RemoteSpawner } from '../executor/remote-spawner.ts';
import type { Log } from '../model/log.ts';
import type { Clock } from '../model/ports.ts';
import type { StateStore } from '../model/state-store.ts';
import type { Loss } from '../store/commit-chain.ts';
import { mendState } from '../store/mend-state.ts';
import { settleTriggers } from '../store/settle-triggers.ts';
import type { OpenedState } from './open-state.ts';

/**
 * Puts the state in order when the database has lost commits: what is left fits together, and what may have fired fires no more.
 * What becomes of the unfinished runs is for the caller. Comes to the same when it is done again.
 */
export async function mendAfterLoss({ database, loss }: OpenedState, clock: Clock, log: Log): Promise<void> {
  if (loss === null) return;
  log.error({ problem: lossInWords(loss), ...loss }, 'state was lost');
  const { removed, shortened } = await mendState(database);
  await settleTriggers(database, clock.now());
  log.warn({ removed, shortened }, 'state put in order');
}

/** What it takes to give up the runs of a state that has lost records. */
export interface GivingUp {
  readonly opened: OpenedState;
  readonly ports: { readonly clock: Clock; readonly log: Log };
  readonly spawner: RemoteSpawner;
  readonly scheduler: Scheduler;
  readonly state: StateStore;
}

/**
 * Ends every unfinished run when the database has lost commits, and whatever the executor has running: more may have happened than
 * is known. Only then is the loss dealt with.
 */
export async function giveUpAfterLoss({ opened, ports, spawner, scheduler, state }: GivingUp): Promise<void> {
  const { database, loss } = opened;
  if (loss === null) return;
  const running = await spawner.list();
  await Promise.all(running.map(({ mark }) => spawner.sweep(mark)));
  const words = lossInWords(loss);
  const runs = await scheduler.giveUpAll(`${words}; nobody knows what became of it`);
  ports.log.warn({ runs, tasks: running.length }, 'unfinished runs given up');
  const audit = { at: ports.clock.now(), actor: 'daemon', action: 'state.loss', subject: words, result: 'ok' };
  await state.batch().recordAudit(audit).commit();
  await database.acceptLoss();
}

/** What was lost, for people. */
export function lossInWords({ after, lost }: Loss): string {
  return `the store has lost ${lost} ${lost === 1 ? 'commit' : 'commits'} after number ${after}`;
}
