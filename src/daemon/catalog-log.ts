import type { CatalogChange } from '../catalog/entry.ts';
import type { Log } from '../model/log.ts';

/** Tells the log what happened to a workflow's file, or to the folder of them. */
export function logCatalogChange(log: Log, change: CatalogChange): void {
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
      if (state === 'good') log.info({ workflow: change.id }, change.previous ? 'workflow changed' : 'workflow found');
      else log.warn({ workflow: change.id, state, diagnostics: found }, 'workflow has errors');
    }
  }
}
