import type { FiringView, RunDetail, RunView, TaskView, WorkflowView } from '../../src/model/api.ts';

/** An id as the daemon makes them; others differ in their last digit. */
export const RUN_ID = '019a9f00-0000-7000-8000-000000000001';

/** A run as the API shows it: a success a moment long. */
export function runView(changes: Partial<RunView> = {}): RunView {
  return {
    id: RUN_ID,
    number: 7,
    workflow: 'ops/release',
    status: 'success',
    reason: null,
    trigger: { kind: 'manual', event: '', branch: '', sender: '' },
    initiator: 'cli',
    rerun_of: null,
    parent: null,
    created_at: '2026-03-01T09:30:00.000Z',
    started_at: '2026-03-01T09:30:00.000Z',
    ended_at: '2026-03-01T09:30:12.500Z',
    ...changes,
  };
}

/** The same in full. */
export function runDetail(tasks: readonly TaskView[], changes: Partial<RunDetail> = {}): RunDetail {
  const definition = { hash: 'ab', file: 'workflows/ops/release.yml' };
  return { ...runView(), waits_for: null, results: {}, tasks, inputs: { channel: 'beta' }, definition, ...changes };
}

/** A task of a run: a success. */
export function taskView(name: string, changes: Partial<TaskView> = {}): TaskView {
  return {
    name,
    id: name,
    type: 'os_exec',
    phase: 'done',
    attempt: 1,
    status: 'success',
    reason: null,
    message: null,
    needs: [],
    started_at: '2026-03-01T09:30:00.000Z',
    ended_at: '2026-03-01T09:30:02.000Z',
    ...changes,
  };
}

/** A task that waits for its turn. */
export function pendingTask(name: string): TaskView {
  return taskView(name, { phase: 'pending', attempt: 0, status: null, started_at: null, ended_at: null });
}

/** An armed workflow that never ran. */
export function workflowView(id: string, changes: Partial<WorkflowView> = {}): WorkflowView {
  return {
    id,
    name: id,
    namespace: '',
    description: '',
    tags: {},
    file: `workflows/${id}.yml`,
    state: 'armed',
    paused: false,
    diagnostics: [],
    inputs: [],
    triggers: [],
    next_at: null,
    last_run: null,
    ...changes,
  };
}

/** A firing of a schedule that made a run. */
export function firingView(changes: Partial<FiringView> = {}): FiringView {
  return {
    at: '2026-03-01T03:00:00.004Z',
    workflow: 'ops/release',
    trigger: 'cron-1',
    kind: 'cron',
    due_at: '2026-03-01T03:00:00.000Z',
    decision: 'fired',
    reason: null,
    message: '',
    run: RUN_ID,
    run_name: 'ops/release#7',
    count: 1,
    initiator: 'schedule',
    ...changes,
  };
}
