import type { CatalogChange, CatalogEntry } from '../catalog/entry.ts';
import type { Log } from '../model/log.ts';

/** Tells the log, in one line, what a start has found; what is wrong with files has been told. */
export function logCatalog(log: Log, workflows: readonly CatalogEntry[]): void {
  const good = workflows.filter(({ state }) => state === 'good').length;
  log.info({ workflows: workflows.length, good }, 'workflows loaded');
}

/** Tells the log what happened to a workflow's file, or to the folder of them. At a start good files are not told one by one. */
export function logCatalogChange(log: Log, change: CatalogChange, isStart: boolean): void {
  switch (change.kind) {
    case 'degraded':
      if (change.reason === null) log.info({}, 'workflows can be read again');
      else log.error({ problem: change.reason }, 'workflows cannot be read');
      return;
    case 'removed':
      log.info({ workflow: change.id }, 'workflow removed');
      return;
    case 'changed': {
      const { state, diagnostics } = change.current;
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      const found = errors.map(
        ({ place, code, message }) => `${place.file}:${place.line}:${place.column}: ${message} [${code}]`,
      );
      if (state === 'good' && isStart) return;
      if (state === 'good') log.info({ workflow: change.id }, change.previous ? 'workflow changed' : 'workflow found');
      else log.warn({ workflow: change.id, state, diagnostics: found }, 'workflow has errors');
    }
  }
}
