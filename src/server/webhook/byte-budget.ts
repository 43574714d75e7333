/** Bodies up to this size are few bytes among many: they never wait, so that large ones cannot hold them up. */
const SMALL_BODY = 256 * 1024;

/** How many bytes of large bodies are in memory at once, whoever sends them. The others wait for their turn. */
export class ByteBudget {
  #free: number;
  readonly #waiting: { readonly bytes: number; go(): void }[] = [];

  constructor(total: number) {
    this.#free = total;
  }

  /** Resolves once there is room for a body of this size, with the way to give the room back. */
  async take(bytes: number): Promise<() => void> {
    if (bytes <= SMALL_BODY) return () => {};
    if (this.#waiting.length > 0 || bytes > this.#free) {
      await new Promise<void>((go) => this.#waiting.push({ bytes, go }));
    } else this.#free -= bytes;
    return () => this.#give(bytes);
  }

  #give(bytes: number): void {
    this.#free += bytes;
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.go();
    }
  }
}
