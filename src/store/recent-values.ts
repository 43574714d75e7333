/** The values that were written last, by key, as long as they and their keys are not longer than a bound together. */
export class RecentValues {
  readonly #most: number;
  readonly #values = new Map<string, string | null>();
  #size = 0;

  /** `most` is in characters. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The value, null when the key is gone, undefined when nothing is remembered of it. */
  get(key: string): string | null | undefined {
    return this.#values.get(key);
  }

  /** A null value says that the key is gone. */
  set(key: string, value: string | null): void {
    this.#forget(key);
    this.#values.set(key, value);
    this.#size += sizeOf(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#size <= this.#most) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#size -= sizeOf(key, value);
  }
}

function sizeOf(key: string, value: string | null): number {
  return key.length + (value?.length ?? 0);
}
