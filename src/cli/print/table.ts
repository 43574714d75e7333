import { harmlessName } from '../../util/terminal-text.ts';
import type { Paint, Style } from './style.ts';

/** A column of a table. */
export interface Column {
  readonly head: string;
  /** Numbers stand on the right. */
  readonly align?: 'right';
  /** Where lines are narrow, columns are left out: the highest first; those without a number stay. */
  readonly spare?: number;
}

/** What stands in a place of a table: any text, made harmless here, and its colour. */
export type Cell = string | { readonly text: string; readonly paint: Paint };

/** A table of at most `width` cells a line, as far as that goes; a table without rows is nothing. */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  style: Style,
): string {
  if (rows.length === 0) return '';
  const texts = rows.map((row) => row.map((cell) => harmlessName(textOf(cell)) || '-'));
  const widths = columns.map(({ head }, index) =>
    Math.max(head.length, ...texts.map((row) => (row[index] ?? '').length)),
  );
  const kept = fitting(columns, widths, width);
  const isPadded = lineWidth(kept, widths) <= width;
  const line = (cells: readonly string[], paint: (index: number) => Paint): string => {
    const padded = kept.map((index) =>
      paint(index)(isPadded ? pad(cells, index, columns, widths) : (cells[index] ?? '')),
    );
    return `${padded.join(isPadded ? GAP : ' ').trimEnd()}\n`;
  };
  const head = isPadded
    ? line(
        columns.map((column) => column.head),
        () => style.bold,
      )
    : '';
  return head + texts.map((cells, row) => line(cells, (index) => paintOf(rows[row]?.[index]))).join('');
}

const GAP = '  ';

const unpainted: Paint = (text) => text;

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function paintOf(cell: Cell | undefined): Paint {
  return cell === undefined || typeof cell === 'string' ? unpainted : cell.paint;
}

/** The indexes of the columns that stay. */
function fitting(columns: readonly Column[], widths: readonly number[], width: number): number[] {
  const kept = columns.map((_column, index) => index);
  const spare = kept.filter((index) => columns[index]?.spare !== undefined);
  spare.sort((a, b) => (columns[b]?.spare ?? 0) - (columns[a]?.spare ?? 0));
  for (const index of spare) {
    if (lineWidth(kept, widths) <= width) break;
    kept.splice(kept.indexOf(index), 1);
  }
  return kept;
}

function lineWidth(kept: readonly number[], widths: readonly number[]): number {
  return kept.reduce((sum, index) => sum + (widths[index] ?? 0) + GAP.length, -GAP.length);
}

function pad(cells: readonly string[], index: number, columns: readonly Column[], widths: readonly number[]): string {
  const cell = cells[index] ?? '';
  const width = widths[index] ?? 0;
  return columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
}
