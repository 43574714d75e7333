import { type FireOutcome, isBeyondLimits, type RefusedWish, type Wish } from './wish.ts';

/** The wishes that a limit of the daemon stands against, as refused. Their occasions stay undecided. */
export function beyondLimits(wishes: readonly Wish[], outcomes: readonly FireOutcome[]): readonly RefusedWish[] {
  return wishes.flatMap((wish, index) => {
    const outcome = outcomes[index];
    if (!outcome || !isBeyondLimits(outcome)) return [];
    const { trigger, kind, dueAt, count, initiator, workflow } = wish;
    const { reason, message } = outcome.firing;
    const refused = { reason: reason === 'disk-full' ? reason : ('limit' as const), message };
    return [{ trigger, kind, key: null, dueAt, count, initiator, workflow: { id: workflow.id }, refused }];
  });
}
