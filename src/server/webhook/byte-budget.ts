import { collectGarbage } from '../../util/collect-garbage.ts';

/** Bodies up to this size are few bytes among many: they never wait, so that large ones cannot hold them up. */
const SMALL_BODY = 256 * 1024;

/** Room for a body in memory. */
export interface Room {
  /** Gives back what was needed on the way and is needed no more. */
  tidy(): void;
  /** Ends the use of the room. */
  leave(): void;
}

const NO_ROOM: Room = { tidy() {}, leave() {} };

/** How many bytes of large bodies are in memory at once, whoever sends them. The others wait for their turn. */
export class ByteBudget {
  #free: number;
  readonly #waiting: { readonly bytes: number; go(): void }[] = [];

  constructor(total: number) {
    this.#free = total;
  }

  /** Resolves once there is room for a body of this size. */
  async take(bytes: number): Promise<Room> {
    if (bytes <= SMALL_BODY) return NO_ROOM;
    if (this.#waiting.length > 0 || bytes > this.#free) {
      await new Promise<void>((go) => this.#waiting.push({ bytes, go }));
    } else this.#free -= bytes;
    return { tidy: collectGarbage, leave: () => this.#give(bytes) };
  }

  #give(bytes: number): void {
    collectGarbage();
    this.#free += bytes;
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.go();
    }
  }
}
