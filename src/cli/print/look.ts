import { systemClock } from '../../util/clock.ts';
import { createStyle, type Style } from './style.ts';
import type { Terminal } from './terminal.ts';

/** What a text for people is fitted to. */
export interface Look {
  /** Cells in a line; infinite where nothing wraps. */
  readonly columns: number;
  readonly style: Style;
  /** Ages are told from here, in ms since the epoch. */
  readonly now: number;
}

/** The look of a terminal at this moment. */
export function lookOf({ columns, color }: Pick<Terminal, 'columns' | 'color'>): Look {
  return { columns, style: createStyle(color), now: systemClock.now() };
}
