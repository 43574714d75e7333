import type { Definition } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';

/** Most compiled definitions kept at hand. */
const KEPT = 200;

/** Compiles pinned definitions, and keeps the ones used last. */
export class Definitions {
  readonly #load: (definition: Definition) => Promise<Workflow | null>;
  readonly #kept = new Map<string, Promise<Workflow | null>>();

  /** `load` compiles a text; null when this version of the program cannot any more. */
  constructor(load: (definition: Definition) => Promise<Workflow | null>) {
    this.#load = load;
  }

  /** The workflow a definition stands for. */
  compile(definition: Definition): Promise<Workflow | null> {
    const known = this.#kept.get(definition.hash) ?? this.#load(definition);
    this.#kept.delete(definition.hash);
    this.#kept.set(definition.hash, known);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return known;
  }

  /** Compiles many, for who cannot wait when he needs one. */
  async compileAll(definitions: readonly Definition[]): Promise<(definition: Definition) => Workflow | null> {
    const done = new Map<string, Workflow | null>();
    for (const definition of definitions) done.set(definition.hash, await this.compile(definition));
    return ({ hash }) => done.get(hash) ?? null;
  }
}
