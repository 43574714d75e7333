/** Waiting items of several owners: owners take turns, the items of one keep their order. No call gets slower as it grows. */
export class FairQueue<T> {
  /** Owners in the order of their turns; none without an item. */
  readonly #owners = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Puts an item behind the others of its owner; one that waits already keeps its place. */
  add(owner: string, item: T): void {
    const items = this.#owners.get(owner) ?? new Set();
    if (items.has(item)) return;
    this.#owners.set(owner, items.add(item));
    this.#size += 1;
  }

  /** Takes an item out; does nothing when it does not wait. */
  delete(owner: string, item: T): void {
    const items = this.#owners.get(owner);
    if (!items?.delete(item)) return;
    this.#size -= 1;
    if (items.size === 0) this.#owners.delete(owner);
  }

  /** Takes the first item of the owner whose turn it is. */
  take(): T | undefined {
    for (const [owner, items] of this.#owners) {
      this.#owners.delete(owner);
      for (const item of items) {
        items.delete(item);
        this.#size -= 1;
        if (items.size > 0) this.#owners.set(owner, items);
        return item;
      }
    }
    return undefined;
  }
}
