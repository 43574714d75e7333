import type {
  DiagnosticView,
  FiringView,
  Health,
  LiveEvent,
  RunDetail,
  RunView,
  TaskDetail,
  TaskView,
  WorkflowView,
} from '../../src/model/api.ts';
import { type Caller, type Control, ControlError, type DeliveryAnswer } from '../../src/model/control.ts';
import type { TaskResult } from '../../src/model/run.ts';
import type { Delivery } from '../../src/model/trigger.ts';

const AT = '2026-11-21T07:00:00.000Z';

export const HEALTH: Health = {
  status: 'ok',
  version: '0.1.0',
  pid: 4711,
  started_at: AT,
  problems: [],
  running: 1,
  queued: 2,
  paused: false,
  draining: false,
};

const RUN: RunView = {
  id: '019a0000-0000-7000-8000-000000000001',
  number: 7,
  status: 'failed',
  workflow: 'ops/backup',
  reason: null,
  trigger: { kind: 'cron', event: '', branch: '', sender: '' },
  initiator: 'schedule',
  rerun_of: null,
  parent: null,
  created_at: AT,
  started_at: AT,
  ended_at: null,
};

const DIAGNOSTIC: DiagnosticView = {
  code: 'unknown-task',
  severity: 'error',
  message: 'task "b" is not in this group',
  hint: null,
  file: 'ops/backup.yml',
  line: 9,
  column: 13,
};

const WORKFLOW: WorkflowView = {
  id: 'ops/backup',
  name: 'Backup',
  namespace: 'ops',
  description: '',
  tags: { team: 'core' },
  file: 'ops/backup.yml',
  state: 'stale',
  paused: false,
  diagnostics: [DIAGNOSTIC],
  inputs: [{ name: 'level', type: 'number', description: '', required: false, default: 3, values: [1, 2, 3] }],
  triggers: [{ kind: 'cron', identity: 'cron-1', spec: { cron: '0 3 * * *' } }],
  next_at: AT,
  last_run: RUN,
};

const TASK: TaskView = {
  name: 'copy',
  id: 'copy',
  type: 'os_exec',
  phase: 'done',
  attempt: 1,
  status: 'failed',
  reason: 'exit_code',
  message: 'exit code 3',
  needs: [],
  started_at: AT,
  ended_at: AT,
};

const RESULT: TaskResult = {
  id: 'copy',
  name: 'copy',
  status: 'failed',
  reason: 'exit_code',
  message: 'exit code 3',
  exit_code: 3,
  cached: false,
  attempts: 1,
  duration_ms: 12.5,
  outputs: { path: '/tmp/x', paths: ['a', null] },
  instances: [
    {
      id: 'copy-0',
      name: 'copy-0',
      status: 'success',
      reason: null,
      exit_code: 0,
      cached: true,
      attempts: 1,
      duration_ms: 1,
      outputs: { path: 'a' },
      matrix: { node: 24 },
    },
  ],
  result: 'text',
  result_truncated: false,
  notes: ['a note'],
};

const RUN_DETAIL: RunDetail = {
  ...RUN,
  waits_for: null,
  results: { copy: RESULT },
  tasks: [TASK],
  inputs: { level: 3 },
  definition: { hash: 'ab', file: 'ops/backup.yml' },
};

const TASK_DETAIL: TaskDetail = {
  ...TASK,
  run: RUN.id,
  result: RESULT,
  environment: [{ name: 'CI', value: 'true', source: 'system' }],
  logs: [1],
};

const FIRING: FiringView = {
  run_name: null,
  at: AT,
  workflow: 'ops/backup',
  trigger: 'cron-1',
  kind: 'cron',
  due_at: AT,
  decision: 'skipped',
  reason: 'overlap',
  message: '',
  run: null,
  count: 1,
  initiator: 'schedule',
};

export const LIVE_EVENT: LiveEvent = {
  type: 'task-ended',
  at: AT,
  workflow: 'ops/backup',
  run: RUN.id,
  task: 'copy',
  status: 'failed',
  reason: 'exit_code',
  message: null,
};

/** A daemon that remembers what it was asked and answers with one sample of everything. */
export class MemoryControl implements Control {
  readonly calls: unknown[][] = [];
  readonly deliveries: { readonly delivery: Delivery; readonly hash: string }[] = [];
  readonly callers: Caller[] = [];
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  /** What `deliver` does; by default it knows ids and bodies as a daemon does. */
  deliverWith: (delivery: Delivery, hash: string) => Promise<DeliveryAnswer> = async (delivery, hash) =>
    this.#takeIn(delivery, hash);
  healthNow: Health = HEALTH;
  notReady: string | null = null;
  /** What each wish rejects with while it is not null. */
  failure: Error | null = null;

  workflows = async () =>
    this.#answer(['workflows'], { workflows: [WORKFLOW], degraded: null, paused: false, draining: false });
  workflow = async (id: string) => {
    if (id === 'nope') throw new ControlError('unknown-workflow', 'there is no workflow "nope"');
    return this.#answer(['workflow', id], { ...WORKFLOW, id });
  };
  fire = async (...args: Parameters<Control['fire']>) => {
    this.callers.push(args[2]);
    return this.#answer(['fire', args[0], args[1]], { id: RUN.id, number: 8, status: 'queued' as const });
  };
  runs = async (...args: Parameters<Control['runs']>) => this.#answer(['runs', ...args], { runs: [RUN], more: true });
  run = async (...args: Parameters<Control['run']>) => this.#answer(['run', ...args], RUN_DETAIL);
  task = async (...args: Parameters<Control['task']>) => this.#answer(['task', ...args], TASK_DETAIL);
  definition = async (run: string) => this.#answer(['definition', run], 'taskGroup: []\n');
  cancel = async (...[run, task]: Parameters<Control['cancel']>) => this.#answer(['cancel', run, task], undefined);
  rerun = async (...[run, request]: Parameters<Control['rerun']>) =>
    this.#answer(['rerun', run, request], { id: RUN.id, number: 9, status: 'running' as const });
  log = async (...args: Parameters<Control['log']>) =>
    this.#answer(['log', ...args], {
      bytes: Buffer.from('<b>\x1b[1m\xff\n', 'latin1'),
      offset: 5,
      size: 12,
      complete: true,
    });
  firings = async (...args: Parameters<Control['firings']>) =>
    this.#answer(['firings', ...args], {
      firings: [FIRING],
      clock_jumps: [{ at: AT, message: 'the clock jumped' }],
      more: false,
    });
  audits = async (...args: Parameters<Control['audits']>) => {
    const audit = { number: 3, at: AT, actor: 'cli', from: 'socket', action: 'run.start', subject: 'a' };
    return this.#answer(['audits', ...args], { audits: [audit], more: false });
  };
  next = async (...args: Parameters<Control['next']>) =>
    this.#answer(['next', ...args], { next: [{ workflow: 'a', kind: 'cron', trigger: 'c', at: AT, note: '' }] });
  setPaused = async (...[workflow, paused]: Parameters<Control['setPaused']>) =>
    this.#answer(['setPaused', workflow, paused], undefined);
  drain = async () => this.#answer(['drain'], undefined);
  secrets = async () =>
    this.#answer(['secrets'], { secrets: [{ name: 'TOKEN', scope: 'global', allow: ['*'], updated_at: AT }] });
  setSecret = async (...[name, request]: Parameters<Control['setSecret']>) =>
    this.#answer(['setSecret', name, request], undefined);
  deleteSecret = async (...[name, scope]: Parameters<Control['deleteSecret']>) =>
    this.#answer(['deleteSecret', name, scope], undefined);
  rekey = async () => this.#answer(['rekey'], { secrets: 2 });
  prune = async (dryRun: boolean) => this.#answer(['prune', dryRun], { runs: 1, bytes: 2, dry_run: dryRun });
  backup = async (folder: string) => this.#answer(['backup', folder], undefined);
  doctor = async () => this.#answer(['doctor'], [{ name: 'disk', level: 'ok' as const, message: '' }]);
  health = (): Health => this.healthNow;
  readiness = (): string | null => this.notReady;
  deliver = (delivery: Delivery, hash: string): Promise<DeliveryAnswer> => this.deliverWith(delivery, hash);

  subscribe = (listener: (event: LiveEvent) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Tells everybody who follows. */
  emit(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #answer<T>(call: unknown[], value: T): T {
    if (this.failure) throw this.failure;
    this.calls.push(call);
    return value;
  }

  #takeIn(delivery: Delivery, hash: string): DeliveryAnswer {
    const sameId = this.deliveries.find((known) => known.delivery.id === delivery.id);
    const same = sameId ?? this.deliveries.find((known) => known.hash === hash);
    if (same === undefined) this.deliveries.push({ delivery, hash });
    const outcome = same === undefined ? 'accepted' : same === sameId && same.hash === hash ? 'known' : 'replay';
    return { outcome, runs: outcome === 'replay' ? [] : [RUN.id], decisions: ['fired'] };
  }
}
