import type { RunStatus, TaskStatus } from '../../model/reason.ts';

/** How to colour a piece of text; returns it unchanged where colours are not wanted. */
export type Paint = (text: string) => string;

/** The colours of a display. */
export interface Style {
  /** The name of the task at this position in the file: neighbours differ, and a task keeps its colour from run to run. */
  task(index: number): Paint;
  status(status: TaskStatus | RunStatus): Paint;
  readonly faint: Paint;
  readonly bold: Paint;
}

/** Cyan, yellow, magenta, blue, bright cyan, bright magenta: red and green are kept for outcomes. */
const TASK_COLORS = [36, 33, 35, 34, 96, 95] as const;
const STATUS_COLORS = { success: 32, failed: 31, skipped: 33, cancelled: 33 } as const;

const unpainted: Paint = (text) => text;

/** The style of a terminal with colours, or of one without. */
export function createStyle(color: boolean): Style {
  if (!color) return { task: () => unpainted, status: () => unpainted, faint: unpainted, bold: unpainted };
  return {
    task: (index) => paint(TASK_COLORS[index % TASK_COLORS.length] ?? TASK_COLORS[0]),
    status: (status) => paint(STATUS_COLORS[status]),
    faint: paint(2),
    bold: paint(1),
  };
}

function paint(code: number): Paint {
  return (text) => `\x1b[${code}m${text}\x1b[0m`;
}
