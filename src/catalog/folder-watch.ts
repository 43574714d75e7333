import { basename, dirname } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

/**
 * Hints that something in a set of folders may have changed. Only hints: folders that are replaced, appear later or stand behind a
 * link give none, so whoever listens looks again from time to time anyway.
 */
export class FolderWatch {
  readonly #hint: () => void;
  readonly #watchers = new Map<string, { readonly identity: string; readonly watcher: FSWatcher }>();
  readonly #parent: FSWatcher;
  readonly #closing = new Set<Promise<void>>();

  /** `root` is also watched from the folder it stands in, which is where it is replaced. */
  constructor(root: string, hint: () => void) {
    this.#hint = hint;
    this.#parent = watchFolder(dirname(root), (name) => {
      if (name === null || name === basename(root)) hint();
    });
  }

  /** Watches exactly these folders from now on: absolute paths, each with what tells it from another put in its place. */
  follow(folders: ReadonlyMap<string, string>): void {
    for (const [path, { identity, watcher }] of this.#watchers) {
      if (folders.get(path) === identity) continue;
      this.#watchers.delete(path);
      const closing = watcher.close().then(() => void this.#closing.delete(closing));
      this.#closing.add(closing);
    }
    for (const [path, identity] of folders) {
      if (!this.#watchers.has(path)) this.#watchers.set(path, { identity, watcher: watchFolder(path, this.#hint) });
    }
  }

  /** Resolves once nothing is watched any more. */
  async close(): Promise<void> {
    this.follow(new Map());
    await Promise.all([...this.#closing, this.#parent.close()]);
  }
}

// `changed` gets the name of what changed in the folder; null may be anything. The entries themselves are not watched: what is written to a file is seen at its folder, and thousands of files cost nothing.
function watchFolder(folder: string, changed: (name: string | null) => void): FSWatcher {
  const watcher = watch(folder, { depth: 0, ignoreInitial: true, ignored: (path) => path !== folder });
  watcher.on('raw', (_event, path) => changed(basename(String(path))));
  // What happened before the watch stood was not seen by it.
  watcher.on('ready', () => changed(null));
  // What cannot be watched is seen by the next look.
  watcher.on('error', () => undefined);
  return watcher;
}
