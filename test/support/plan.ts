import { type EdgeCondition, NO_BOUNDS, type Task, type Workflow } from '../../src/model/workflow.ts';

/** A task of a test plan: what differs from the defaults. */
export interface PlanTask extends Partial<Omit<Task, 'parents' | 'children' | 'index'>> {
  readonly name: string;
  readonly after?: Readonly<Record<string, EdgeCondition>>;
}

/** A workflow made by hand, without the loader. */
export function plan(tasks: readonly PlanTask[], group: Partial<Workflow> = {}): Workflow {
  const indexOf = new Map(tasks.map((task, index) => [task.name, index]));
  const position = (name: string): number => {
    const index = indexOf.get(name);
    if (index === undefined) throw new Error(`no task ${name}`);
    return index;
  };
  return {
    id: 'plan',
    name: 'plan',
    namespace: '',
    description: '',
    tags: {},
    source: { file: 'plan.yml', text: '' },
    triggers: [],
    inputs: new Map(),
    env: new Map(),
    secrets: [],
    concurrency: null,
    timeoutMs: null,
    failFast: false,
    maxParallel: null,
    calls: [],
    notify: [],
    tasks: tasks.map(({ after = {}, ...task }, index) => ({
      ...DEFAULTS,
      id: task.name,
      ...task,
      index,
      parents: Object.entries(after).map(([name, when]) => ({ task: position(name), when })),
      children: tasks.flatMap((other, child) => (other.after && Object.hasOwn(other.after, task.name) ? [child] : [])),
    })),
    ...group,
  };
}

const DEFAULTS = {
  description: '',
  matrix: null,
  tags: {},
  type: 'scripted',
  spec: {},
  imports: [],
  exports: [],
  condition: null,
  env: new Map(),
  shell: 'default',
  workingDir: null,
  files: [],
  resultFile: null,
  timeoutMs: 3_600_000,
  retry: {
    attempts: 1,
    delayMs: 0,
    backoff: 1,
    maxDelayMs: 60_000,
    jitter: 0,
    on: ['exit_code', 'signal', 'timed_out'],
  },
  continueOnError: false,
  cache: null,
  maxLogBytes: 1_000_000,
  resources: NO_BOUNDS,
} as const satisfies Partial<Task>;
