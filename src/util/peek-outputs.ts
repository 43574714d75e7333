import { protect } from './mask/protect.ts';
import type { SecretSet } from './mask/secret-set.ts';
import { type OutputFiles, outputSize, readOutputs } from './output-file.ts';

/** Learns the confidential exports of a running task as it writes them, so that what it prints next is masked. */
export class OutputPeek {
  readonly #files: OutputFiles;
  readonly #names: readonly string[];
  readonly #masks: SecretSet;
  /** Size of the files when all in them was understood. */
  #seen = 0;

  /** `names` are those of the confidential exports. */
  constructor(files: OutputFiles, names: readonly string[], masks: SecretSet) {
    this.#files = files;
    this.#names = names;
    this.#masks = masks;
  }

  /** Looks again, if there is anything new. Returns why a value cannot be masked, or null. A half-written file is no error here. */
  look(): string | null {
    if (this.#names.length === 0) return null;
    const size = outputSize(this.#files);
    if (size === this.#seen) return null;
    const written = readOutputs(this.#files);
    if ('error' in written) return null;
    this.#seen = size;
    for (const name of this.#names) {
      const value = written.values.get(name);
      const problem = value === undefined ? null : protect(this.#masks, value);
      if (problem !== null) return problem;
    }
    return null;
  }
}
