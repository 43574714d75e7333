import type { TaskEntry, WorkflowFile } from '../../generated/workflow-file.ts';
import type { SpecType } from '../../model/extension.ts';
import type { BrokenPlugin, TaskType } from '../../model/ports.ts';
import type { Limits } from '../limits.ts';
import type { LoadOptions } from '../load.ts';
import type { Combination } from '../matrix/expand.ts';
import type { Reporter } from '../reporter.ts';
import type { Range } from '../source.ts';
import { keyRange, type MapNode, nodeAt, type Path, type TreeNode } from '../yaml/tree.ts';

/** One rule about the meaning of a file; reports what breaks it. */
export type Check = (file: CheckedFile) => void;

/** A task and its index in the file. */
export type NumberedTask = readonly [index: number, task: TaskEntry];

/** A file that fits the schema, with the place of everything. */
export class CheckedFile {
  readonly data: WorkflowFile;
  readonly tree: MapNode;
  readonly reporter: Reporter;
  readonly types: ReadonlyMap<string, TaskType>;
  /** What plugins bring besides types, by name. */
  readonly triggers: ReadonlyMap<string, SpecType>;
  readonly notifiers: ReadonlyMap<string, SpecType>;
  readonly helpers: ReadonlySet<string>;
  /** Plugins that should have brought more. */
  readonly broken: readonly BrokenPlugin[];
  /** Every task by its name; the first of two equal ones. */
  readonly tasks: ReadonlyMap<string, NumberedTask>;
  /** Names of all tasks as written, also of those with mistakes. */
  readonly mentioned: ReadonlySet<string>;
  readonly limits: Limits;
  /** What the matrix of a task stands for, by the task's index; filled in where the matrices are checked. */
  readonly combinations = new Map<number, readonly Combination[]>();

  constructor(
    data: WorkflowFile,
    tree: MapNode,
    reporter: Reporter,
    world: LoadOptions,
    mentioned: ReadonlySet<string>,
    limits: Limits,
  ) {
    this.data = data;
    this.tree = tree;
    this.reporter = reporter;
    this.types = world.types;
    this.triggers = world.triggers ?? new Map();
    this.notifiers = world.notifiers ?? new Map();
    this.helpers = world.helpers ?? new Set();
    this.broken = world.brokenPlugins ?? [];
    this.mentioned = mentioned;
    this.limits = limits;
    const tasks = new Map<string, NumberedTask>();
    for (const [index, task] of data.taskGroup.entries()) {
      if (!tasks.has(task.name)) tasks.set(task.name, [index, task]);
    }
    this.tasks = tasks;
  }

  /** The node at a path. */
  node(...path: Path): TreeNode | undefined {
    return nodeAt(this.tree, path);
  }

  /** The place of a value. */
  at(...path: Path): Range {
    return nodeAt(this.tree, path) ?? keyRange(this.tree, path);
  }

  /** The place of a key. */
  keyAt(...path: Path): Range {
    return keyRange(this.tree, path);
  }

  /** Whether a key of a task was written but taken out because something is wrong with it. */
  wasDropped(index: number, key: string): boolean {
    if (!this.reporter.failed) return false;
    const node = this.node('taskGroup', index);
    return node?.kind === 'map' && node.dropped.has(key);
  }
}

/** One parent a task names, and where. */
export interface NamedParent {
  readonly name: string;
  readonly when: 'success' | 'failure' | 'any' | 'always';
  readonly path: Path;
}

/** The parents under a task's `depends_on`, whichever way they are written. */
export function namedParents(index: number, task: TaskEntry): NamedParent[] {
  const base = ['taskGroup', index, 'depends_on'];
  const { depends_on: written } = task;
  if (written === undefined) return [];
  if (typeof written === 'string') return [{ name: written, when: 'success', path: base }];
  return written.map((item, position) =>
    typeof item === 'string'
      ? { name: item, when: 'success', path: [...base, position] }
      : { name: item.task, when: item.when ?? 'success', path: [...base, position, 'task'] },
  );
}
