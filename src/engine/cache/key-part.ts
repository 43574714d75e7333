import { hash } from 'node:crypto';
import type { Vault } from '../../util/vault.ts';

/** One thing a result depends on: what it is, in words shown to users, and a digest of what it was. */
export interface KeyPart {
  readonly name: string;
  readonly digest: string;
  /** Whether the result is another one when this changes; what only may explain a stale result does not decide. */
  readonly decides: boolean;
}

/** Gathers what a result depends on. A name stands once. */
export class KeyParts {
  readonly #vault: Vault;
  readonly #parts = new Map<string, KeyPart>();
  readonly #decides: boolean;

  /** `decides` is what parts do unless they say otherwise. */
  constructor(vault: Vault, decides: boolean) {
    this.#vault = vault;
    this.#decides = decides;
  }

  /** Takes a value by its digest. */
  add(name: string, value: string, decides = this.#decides): void {
    this.#parts.set(name, { name, digest: hash('sha256', value), decides });
  }

  /** Takes a value that nobody may learn, not even by guessing: by its keyed fingerprint. */
  addSecret(name: string, value: string, decides = this.#decides): void {
    this.#parts.set(name, { name, digest: this.#vault.fingerprint(value), decides });
  }

  /** Whether there is a part of this name. */
  has(name: string): boolean {
    return this.#parts.has(name);
  }

  list(): readonly KeyPart[] {
    return [...this.#parts.values()];
  }
}

/** The identity of a result: equal only when all parts that decide are equal, whatever their order. */
export function identityOf(parts: readonly KeyPart[], vault: Vault): string {
  const deciding = parts.filter((part) => part.decides).sort((a, b) => (a.name < b.name ? -1 : 1));
  return vault.fingerprint(JSON.stringify(deciding.map(({ name, digest }) => [name, digest])));
}
