import type { TaskEntry } from '../../generated/workflow-file.ts';
import { nearest } from '../../util/nearest.ts';
import type { CheckedFile } from './check.ts';
import { others, whereIn } from './judge-spec.ts';

/** Task types that are part of the format but cannot run yet. */
const PLANNED: ReadonlySet<string> = new Set('github_action approval'.split(' '));

const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['exec', 'os_exec'],
  ['shell', 'os_exec'],
  ['process', 'os_exec'],
  ['container', 'docker'],
  // As the seed spells it.
  ['expression_evalation', 'expression_evaluation'],
]);

/** A task says what it does in exactly one way: `run`, or `type` with `spec`, of a type that exists. */
export function checkTaskForm(file: CheckedFile): void {
  for (const [index, task] of file.data.taskGroup.entries()) {
    checkOneForm(file, index, task);
    if (task.type === undefined) continue;
    checkType(file, index, task.type);
    checkMeaning(file, index, task.type);
  }
}

function checkOneForm(file: CheckedFile, index: number, task: TaskEntry): void {
  const has = (key: 'run' | 'image' | 'type' | 'spec') => task[key] !== undefined || file.wasDropped(index, key);
  if (has('image') && !has('run')) {
    file.reporter.error('task-form', file.keyAt('taskGroup', index, 'image'), '"image" needs "run" beside it', {
      hint: 'for the command of the image itself: `type: docker` with `spec: { image: … }`',
    });
    return;
  }
  if (has('run') && (has('type') || has('spec'))) {
    const other = has('type') ? 'type' : 'spec';
    file.reporter.error('task-form', file.keyAt('taskGroup', index, other), `"run" and "${other}" exclude each other`, {
      hint: 'either `run: …`, with or without `image: …`, or `type: …` with `spec: { … }`',
      related: [{ message: '"run" stands here', range: file.keyAt('taskGroup', index, 'run') }],
    });
  } else if (has('type') !== has('spec')) {
    const [given, missing] = has('type') ? ['type', 'spec'] : ['spec', 'type'];
    const range = file.keyAt('taskGroup', index, given);
    file.reporter.error('task-form', range, `"${given}" needs "${missing}" beside it`);
  } else if (!has('run') && !has('type') && !file.wasDropped(index, 'uses')) {
    file.reporter.error(
      'task-form',
      file.at('taskGroup', index, 'name'),
      `the task "${task.name}" does not say what it does`,
      {
        hint: 'add `run:` with a script, or `type:` and `spec:`',
      },
    );
  }
}

function checkType(file: CheckedFile, index: number, type: string): void {
  if (file.types.has(type)) return;
  const range = file.at('taskGroup', index, 'type');
  if (PLANNED.has(type)) {
    file.reporter.error('not-yet', range, `tasks of type "${type}" are not supported yet`);
    return;
  }
  const broken = file.broken.find(({ name }) => name === type);
  if (broken !== undefined) {
    const message = `the plugin "${type}" (${broken.file}) cannot be used: ${broken.reason}`;
    file.reporter.error('broken-plugin', range, message, { hint: whereIn(broken.details) });
    return;
  }
  const known = OTHER_WORDS.get(type);
  const guess = known ?? nearest(type, [...file.types.keys(), ...PLANNED]);
  const message = `there is no task type "${type}"${guess ? `; did you mean "${guess}"?` : ''}`;
  const hint = `types are: ${[...file.types.keys()].join(', ')}${others(file.broken)}`;
  const fix = known === undefined ? undefined : [{ start: range.start, end: range.end, text: known }];
  file.reporter.error('unknown-type', range, message, { hint, fix });
}

function checkMeaning(file: CheckedFile, index: number, type: string): void {
  const node = file.node('taskGroup', index);
  if (node?.kind !== 'map') return;
  for (const key of file.types.get(type)?.without ?? []) {
    if (!node.entries.has(key)) continue;
    const message = `"${key}" means nothing for a task of type "${type}"`;
    file.reporter.error('task-form', file.keyAt('taskGroup', index, key), message);
  }
}
