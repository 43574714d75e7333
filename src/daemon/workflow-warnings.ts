import type { Catalog } from '../catalog/catalog.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Workflow } from '../model/workflow.ts';
import { checkCalls } from '../workflow/check-calls.ts';

/** The warning that runs of the file will fail for want of secrets. */
export function secretWarnings(file: string, missing: readonly string[]): Diagnostic[] {
  return missing.map((name) => ({
    code: 'secret-not-stored',
    severity: 'warning',
    message: `secret ${name} is declared but this workflow cannot have it: its runs will fail`,
    hint: `runner secret set ${name}`,
    place: { file, line: 1, column: 1, length: 1 },
  }));
}

/** What is wrong with the calls of a workflow as the folder is now: what it calls may have changed since its own file was loaded. */
export function callWarnings(workflow: Workflow, catalog: Pick<Catalog, 'get' | 'list'>): Diagnostic[] {
  const find = (id: string): Workflow | null | undefined => {
    const entry = catalog.get(id);
    return entry ? entry.workflow : undefined;
  };
  return checkCalls(workflow, { find, ids: () => catalog.list().map(({ id }) => id) }, 'warning');
}
