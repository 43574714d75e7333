import type { Diagnostic } from '../model/diagnostic.ts';
import { type CatalogChange, type CatalogEntry, isSameEntry, nextEntry } from './entry.ts';
import { complaintsAbout, idOf } from './file-names.ts';
import { type JudgedFile, type JudgeOptions, judgeFile } from './judge.ts';
import { type FolderScan, isBlind } from './scan-folder.ts';

/** A look at the folder, and how it is to be taken. */
export interface Look {
  readonly scan: FolderScan;
  /** Paths that are being changed at this moment; they are left as they were. */
  readonly restless: ReadonlySet<string>;
  /** Reads all files, also those that look the same. */
  readonly isFull: boolean;
}

/** What is known of the workflows of a folder, brought up to date by one look after the other. */
export class KnownWorkflows {
  readonly #options: JudgeOptions;
  readonly #tell: (change: CatalogChange) => void;
  readonly #files = new Map<string, JudgedFile>();
  readonly #entries = new Map<string, CatalogEntry>();

  constructor(options: JudgeOptions, tell: (change: CatalogChange) => void) {
    this.#options = options;
    this.#tell = tell;
  }

  get files(): ReadonlyMap<string, JudgedFile> {
    return this.#files;
  }

  get entries(): ReadonlyMap<string, CatalogEntry> {
    return this.#entries;
  }

  /** Takes in a look, id by id, until `signal` aborts. False when some files have to be looked at again soon. */
  async update(look: Look, signal: AbortSignal): Promise<boolean> {
    const paths = this.#paths(look);
    const complaints = complaintsAbout([...paths], this.#options.shown);
    const byId = new Map([...this.#entries.keys()].map((id): [string, string[]] => [id, []]));
    for (const path of paths) byId.set(idOf(path), [...(byId.get(idOf(path)) ?? []), path]);
    let isSettled = true;
    for (const [id, ofId] of [...byId].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (signal.aborted) return true;
      const judged = await this.#judge(ofId, look);
      if (judged)
        this.#settle(
          id,
          ofId,
          ofId.flatMap((path) => complaints.get(path) ?? []),
        );
      else isSettled = false;
    }
    for (const path of this.#files.keys()) if (!paths.has(path)) this.#files.delete(path);
    return isSettled;
  }

  // What stands in the folder, or may well do so.
  #paths({ scan, restless }: Look): ReadonlySet<string> {
    const unseen = [...this.#files.keys()].filter((path) => isBlind(path, scan.blindSpots));
    return new Set([...scan.files.keys(), ...unseen, ...restless].sort());
  }

  async #judge(paths: readonly string[], { scan, restless, isFull }: Look): Promise<boolean> {
    if (paths.some((path) => restless.has(path))) return false;
    for (const path of paths) {
      const look = scan.files.get(path);
      const known = this.#files.get(path);
      if (look === undefined || (known?.print === look.print && !isFull)) continue;
      const judged = await judgeFile(path, look, known, this.#options);
      if (judged === null) return false;
      this.#files.set(path, judged);
    }
    return true;
  }

  #settle(id: string, paths: readonly string[], complaints: readonly Diagnostic[]): void {
    const previous = this.#entries.get(id) ?? null;
    if (paths.length === 0) {
      this.#entries.delete(id);
      if (previous !== null) this.#tell({ kind: 'removed', id, previous });
      return;
    }
    const verdicts = paths.flatMap((path) => this.#files.get(path)?.verdict ?? []);
    const current = nextEntry(id, verdicts, complaints, previous);
    if (previous !== null && isSameEntry(previous, current)) return;
    this.#entries.set(id, current);
    this.#tell({ kind: 'changed', id, previous, current });
  }
}
