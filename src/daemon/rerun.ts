import { type RerunScope, rerunWish } from '../engine/admission/rerun.ts';
import type { FireWish } from '../engine/admission/wish.ts';
import { endOf } from '../engine/state.ts';
import type { RerunRequest } from '../model/api.ts';
import { ControlError } from '../model/control.ts';
import type { TaskEnd } from '../model/run.ts';
import type { Workflow } from '../model/workflow.ts';
import type { OpenedRun } from './run-book.ts';

/** The wish to repeat a run as it is asked for. `current` is the workflow as it is now. @throws {ControlError} */
export function wishToRepeat(old: OpenedRun, request: RerunRequest, current: Workflow | null): FireWish {
  const { record, header, state } = old;
  if (record.endedAt === null) throw new ControlError('conflict', `run ${header.id} is not over; cancel it first`);
  const workflow = request.definition === 'current' ? current : state.workflow;
  if (!workflow)
    throw new ControlError('invalid-workflow', `workflow "${header.workflow}" cannot be used as it is now`);
  const wish = rerunWish({ record, header, ends: endsOf(old) }, workflow, scopeOf(request), 'rerun');
  if (!wish) throw new ControlError('unknown-task', `there is no task "${request.from}" in the workflow`);
  return wish;
}

function scopeOf({ failed, from }: RerunRequest): RerunScope {
  if (from !== undefined) return { kind: 'from', task: from };
  return { kind: failed ? 'failed' : 'all' };
}

function endsOf({ state }: OpenedRun): ReadonlyMap<string, TaskEnd> {
  const ends = state.workflow.tasks.map(({ name, index }) => [name, endOf(state, index)] as const);
  return new Map(ends.flatMap(([name, end]) => (end ? [[name, end]] : [])));
}
