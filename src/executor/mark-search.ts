import { findAllMarked } from './process-table.ts';

/**
 * Looks for processes that carry a mark. Whoever asks in the same turn shares one look at all processes, which is what it costs:
 * after the death of an executor a thousand marks may be looked for.
 */
export class MarkSearch {
  #asked: { readonly mark: string; readonly answer: (pids: readonly number[]) => void }[] = [];

  /** Pids of the living processes that carry the mark; the look begins after this call. */
  find(mark: string): Promise<readonly number[]> {
    return new Promise((answer) => {
      if (this.#asked.length === 0) setImmediate(() => this.#look());
      this.#asked.push({ mark, answer });
    });
  }

  #look(): void {
    const asked = this.#asked;
    this.#asked = [];
    const found = findAllMarked(new Set(asked.map(({ mark }) => mark)));
    for (const { mark, answer } of asked) answer(found.get(mark) ?? []);
  }
}
