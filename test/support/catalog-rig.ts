import type { TestContext } from 'node:test';
import { type Catalog, type CatalogOptions, openCatalog } from '../../src/catalog/catalog.ts';
import type { CatalogChange, CatalogEntry } from '../../src/catalog/entry.ts';
import { systemClock } from '../../src/util/clock.ts';
import { loadWorkflow } from '../../src/workflow/load.ts';
import { TEST_TYPES } from './task-types.ts';

/** A catalog on a real folder, with all it told. */
export class CatalogRig {
  readonly changes: CatalogChange[] = [];
  readonly #waiting = new Set<() => void>();
  #catalog: Catalog | null = null;

  /** Opens the catalog; rescans happen when called for, or when a hint comes. */
  static async open(t: TestContext, folder: string, options: Partial<CatalogOptions> = {}): Promise<CatalogRig> {
    const rig = new CatalogRig();
    t.after(() => rig.#catalog?.close());
    rig.#catalog = await openCatalog({
      folder,
      shownAs: 'workflows',
      load: (source) => loadWorkflow(source, { types: TEST_TYPES, dialect: 'sh' }),
      maxBytes: 1024 * 1024,
      clock: systemClock,
      rescanMs: 3_600_000,
      settleMs: 10,
      onChange: (change) => rig.#changed(change),
      onFailure: (error) => {
        throw error;
      },
      ...options,
    });
    return rig;
  }

  get catalog(): Catalog {
    if (this.#catalog === null) throw new Error('the catalog is not open yet');
    return this.#catalog;
  }

  /** What each change was about, in short: `changed a good`. */
  get story(): string[] {
    return this.changes.map((change) => {
      if (change.kind === 'degraded') return `degraded ${change.reason !== null}`;
      return change.kind === 'changed' ? `changed ${change.id} ${change.current.state}` : `removed ${change.id}`;
    });
  }

  /** The state of each workflow and the title it has, in short: `a good First`. */
  get shelf(): string[] {
    return this.catalog.list().map(({ id, state, workflow }) => [id, state, workflow?.name ?? '-'].join(' '));
  }

  entry(id: string): CatalogEntry {
    const entry = this.catalog.get(id);
    if (entry === undefined) throw new Error(`there is no workflow ${id}`);
    return entry;
  }

  /** Codes of what is said about a workflow, without the remark that nothing fires it. */
  codes(id: string): string[] {
    return this.entry(id).diagnostics.flatMap(({ code }) => (code === 'no-trigger' ? [] : [code]));
  }

  /** Resolves once a change has made the condition true. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #changed(change: CatalogChange): void {
    this.changes.push(change);
    for (const look of this.#waiting) queueMicrotask(look);
  }
}

/** A workflow file with this title. */
export function titled(title: string): string {
  return `name: ${title}\ntaskGroup: [{ name: a, run: make }]\n`;
}
