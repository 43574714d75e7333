import { writeFileSync } from 'node:fs';

/** Takes one row: what was measured, its value, and the goal as the design states it. */
export type Row = (name: string, value: number, goal: string) => void;

/** Prints rows as they come and keeps them. */
export class Report {
  readonly #rows: { readonly name: string; readonly value: number; readonly goal: string }[] = [];

  readonly row: Row = (name, value, goal) => {
    this.#rows.push({ name, value: Number(value.toFixed(3)), goal });
    process.stdout.write(`${name} ${value.toFixed(2)} (goal ${goal})\n`);
  };

  /** Writes all rows to a file of JSON. */
  save(path: string): void {
    writeFileSync(path, `${JSON.stringify(this.#rows, null, 2)}\n`);
  }
}
