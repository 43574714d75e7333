/** How many nodes the trie of these patterns has: memory is about 25 bytes for each. */
export function trieSize(patterns: readonly Uint8Array[]): number {
  const sorted = [...patterns].sort(Buffer.compare);
  return sorted.reduce((size, pattern, at) => size + pattern.length - commonLength(pattern, sorted[at - 1]), 1);
}

/** Finds many byte strings at once (Aho-Corasick): a trie whose nodes know where to go on when a byte does not fit. */
export class Automaton {
  /** Longest pattern that ends at a node, in bytes; 0 when none does. */
  readonly #longest: Int32Array;
  readonly #depth: Int32Array;
  readonly #parent: Int32Array;
  readonly #firstChild: Int32Array;
  readonly #nextSibling: Int32Array;
  readonly #byte: Uint8Array;
  /** The node of the longest proper suffix that is in the trie too. */
  readonly #fallback: Int32Array;
  readonly #fromRoot = new Int32Array(256);
  #size = 1;

  constructor(patterns: readonly Uint8Array[]) {
    const size = trieSize(patterns);
    this.#longest = new Int32Array(size);
    this.#depth = new Int32Array(size);
    this.#parent = new Int32Array(size);
    this.#firstChild = new Int32Array(size);
    this.#nextSibling = new Int32Array(size);
    this.#byte = new Uint8Array(size);
    this.#fallback = new Int32Array(size);
    for (const pattern of patterns) this.#insert(pattern);
    this.#link();
  }

  /** The node after `byte`; the root is 0. */
  step(node: number, byte: number): number {
    for (let from = node; from !== 0; from = this.#fallback[from] ?? 0) {
      const child = this.#child(from, byte);
      if (child !== 0) return child;
    }
    return this.#fromRoot[byte] ?? 0;
  }

  /** Bytes of the longest pattern that ends here, or 0. */
  matched(node: number): number {
    return this.#longest[node] ?? 0;
  }

  /** Bytes from the root to a node. */
  depth(node: number): number {
    return this.#depth[node] ?? 0;
  }

  /** The node itself, or where it falls back to when nothing can follow it: for what comes next they are the same. */
  open(node: number): number {
    let open = node;
    while (open !== 0 && this.#firstChild[open] === 0) open = this.#fallback[open] ?? 0;
    return open;
  }

  /** The bytes from the root to a node. */
  path(node: number): Uint8Array {
    const bytes = new Uint8Array(this.depth(node));
    let at = node;
    for (let index = bytes.length - 1; index >= 0; index--) {
      bytes[index] = this.#byte[at] ?? 0;
      at = this.#parent[at] ?? 0;
    }
    return bytes;
  }

  #insert(pattern: Uint8Array): void {
    let node = 0;
    for (const byte of pattern) node = this.#child(node, byte) || this.#grow(node, byte);
    this.#longest[node] = pattern.length;
  }

  #grow(parent: number, byte: number): number {
    const node = this.#size++;
    this.#byte[node] = byte;
    this.#parent[node] = parent;
    this.#depth[node] = this.depth(parent) + 1;
    this.#nextSibling[node] = this.#firstChild[parent] ?? 0;
    this.#firstChild[parent] = node;
    if (parent === 0) this.#fromRoot[byte] = node;
    return node;
  }

  #child(node: number, byte: number): number {
    if (node === 0) return this.#fromRoot[byte] ?? 0;
    let child = this.#firstChild[node] ?? 0;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#nextSibling[child] ?? 0;
    return child;
  }

  /** Breadth first, so that the fallback of a node, which is nearer to the root, is linked before it is needed. */
  #link(): void {
    const queue = new Int32Array(this.#size);
    let filled = 1;
    for (let taken = 0; taken < filled; taken++) {
      const node = queue[taken] ?? 0;
      for (let child = this.#firstChild[node] ?? 0; child !== 0; child = this.#nextSibling[child] ?? 0) {
        queue[filled++] = child;
        if (node !== 0) this.#linkOne(child, node);
      }
    }
  }

  #linkOne(child: number, node: number): void {
    const fallback = this.step(this.#fallback[node] ?? 0, this.#byte[child] ?? 0);
    this.#fallback[child] = fallback;
    if (this.#longest[child] === 0) this.#longest[child] = this.matched(fallback);
  }
}

function commonLength(pattern: Uint8Array, other: Uint8Array | undefined): number {
  let length = 0;
  while (other !== undefined && length < other.length && pattern[length] === other[length]) length += 1;
  return length;
}
