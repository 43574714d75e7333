import { trieSize } from './automaton.ts';
import { MaskStream } from './mask-stream.ts';
import { Matcher } from './matcher.ts';
import { isLongEnough, variantsOf } from './variants.ts';

/** What stands in the place of a secret. */
export const MASK = '***';

/** Most secrets of one run (reliability G13). */
export const MOST_SECRETS = 200;

/** Keeps the search under 110 MB: enough for 200 tokens and 30 private keys. */
const MOST_NODES = 4 * 1024 * 1024;

/**
 * What became of a value: `too-short` (or blank) is not masked; `too-many` and `too-large` are not masked either, and the
 * caller must not go on as if they were.
 */
export type AddResult = 'added' | 'known' | 'too-short' | 'too-many' | 'too-large';

/** The secrets of a run. It may grow while streams are masked: they hide a value from the moment it was added. */
export class SecretSet {
  readonly #values = new Set<string>();
  /** All forms of all secrets, each once; latin1 stands for the bytes. */
  readonly #forms = new Map<string, Uint8Array>();
  /** Of the tries of the single secrets. */
  #nodes = 0;
  /** Made when it is next needed after a change. */
  #matcher: Matcher | null = null;

  /** Hides a value, and its encoded forms, from now on. */
  add(value: string): AddResult {
    if (this.#values.has(value)) return 'known';
    if (!isLongEnough(value)) return 'too-short';
    if (this.#values.size >= MOST_SECRETS) return 'too-many';
    const forms = variantsOf(value);
    const nodes = trieSize(forms);
    if (this.#nodes + nodes > MOST_NODES) return 'too-large';
    this.#nodes += nodes;
    for (const form of forms) this.#forms.set(form.toString('latin1'), form);
    this.#matcher = null;
    this.#values.add(value);
    return 'added';
  }

  /** The values that are hidden, as they were added. */
  values(): readonly string[] {
    return [...this.#values];
  }

  /** The text with each secret, in any form, replaced by `***`. */
  maskText(text: string): string {
    if (!this.containsSecret(text)) return text;
    const stream = this.stream();
    return Buffer.concat([stream.push(Buffer.from(text)), stream.flush()]).toString();
  }

  /** Whether a secret stands in the text, in any form. */
  containsSecret(text: string): boolean {
    let contains = false;
    this.#current()?.scan(0, Buffer.from(text), () => {
      contains = true;
    });
    return contains;
  }

  /** A mask for one stream of bytes. */
  stream(): MaskStream {
    return new MaskStream(() => this.#current(), Buffer.from(MASK));
  }

  #current(): Matcher | null {
    if (this.#matcher === null && this.#forms.size > 0) this.#matcher = new Matcher([...this.#forms.values()]);
    return this.#matcher;
  }
}
