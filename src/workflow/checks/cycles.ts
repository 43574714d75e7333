import type { Range } from '../source.ts';
import { type CheckedFile, namedParents } from './check.ts';

interface Arrow {
  readonly to: number;
  /** Where the dependency is written. */
  readonly range: () => Range;
}

/** No task waits for itself by way of others; each cycle is shown once, from its first task in the file. */
export function checkCycles(file: CheckedFile): void {
  const graph = file.data.taskGroup.map((_task, index) => arrowsOf(file, index));
  const states = new Uint8Array(graph.length);
  for (let start = 0; start < graph.length; start++) {
    if (states[start] === NEW) search(graph, start, states, (path) => reportCycle(file, graph, path));
  }
}

const NEW = 0;
const OPEN = 1;
const DONE = 2;

function arrowsOf(file: CheckedFile, index: number): Arrow[] {
  const task = file.data.taskGroup[index];
  if (task === undefined) return [];
  const named = namedParents(index, task).map(({ name, path }) => ({ name, path }));
  const imported = (task.imports ?? []).map(({ from }, position) => {
    return { name: from, path: ['taskGroup', index, 'imports', position, 'from'] };
  });
  return [...named, ...imported].flatMap(({ name, path }) => {
    const to = file.tasks.get(name)?.[0];
    return to === undefined || to === index ? [] : [{ to, range: () => file.at(...path) }];
  });
}

// A depth-first walk with its own stack: a chain of 10,000 tasks is deeper than the call stack.
function search(
  graph: readonly (readonly Arrow[])[],
  start: number,
  states: Uint8Array,
  onCycle: (path: readonly number[]) => void,
): void {
  const path = [start];
  const cursors = [0];
  states[start] = OPEN;
  while (path.length > 0) {
    const node = path.at(-1) ?? start;
    const cursor = cursors.pop() ?? 0;
    const arrow = graph[node]?.[cursor];
    if (arrow === undefined) {
      states[node] = DONE;
      path.pop();
      continue;
    }
    cursors.push(cursor + 1);
    if (states[arrow.to] === OPEN) onCycle(path.slice(path.indexOf(arrow.to)));
    if (states[arrow.to] !== NEW) continue;
    states[arrow.to] = OPEN;
    path.push(arrow.to);
    cursors.push(0);
  }
}

function reportCycle(file: CheckedFile, graph: readonly (readonly Arrow[])[], found: readonly number[]): void {
  const first = found.indexOf(Math.min(...found));
  const path = [...found.slice(first), ...found.slice(0, first)];
  const name = (index: number) => file.data.taskGroup[index]?.name ?? '';
  const steps = path.map((from, position) => {
    const to = path[(position + 1) % path.length] ?? from;
    const range = graph[from]?.find((arrow) => arrow.to === to)?.range() ?? file.at('taskGroup', from);
    return { message: `"${name(from)}" waits for "${name(to)}"`, range };
  });
  const [head, ...related] = steps;
  if (head === undefined) return;
  const names = [...path, path[0] ?? 0].map(name);
  const shown = names.length > MOST_SHOWN ? [...names.slice(0, MOST_SHOWN - 2), '…', names.at(-1)] : names;
  const message = `these tasks wait for each other: ${shown.join(' → ')}`;
  file.reporter.error('cycle', head.range, message, { related: related.slice(0, MOST_SHOWN) });
}

const MOST_SHOWN = 20;
