import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { Workflow } from '../../src/model/workflow.ts';
import { type Callable, checkCalls } from '../../src/workflow/check-calls.ts';
import { type Loaded, loadWorkflow } from '../../src/workflow/load.ts';
import { TEST_TYPES } from './task-types.ts';

/** Loads a workflow from text or bytes as the file `test.yml` with the id `test`. */
export async function loadText(content: string | Uint8Array, file = 'test.yml'): Promise<Loaded> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return loadWorkflow({ file, id: file.replace(/\.ya?ml$/, ''), bytes }, { types: TEST_TYPES, dialect: 'bash' });
}

/** Loads a workflow that must be fine. */
export async function loadPlan(content: string): Promise<Workflow> {
  const { workflow, diagnostics } = await loadText(content);
  if (workflow === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return workflow;
}

/** What is said about a file, without the remark that most test files earn: that nothing fires them. */
export async function diagnose(content: string | Uint8Array, file?: string): Promise<readonly Diagnostic[]> {
  const { workflow, diagnostics } = await loadText(content, file);
  const ofCalls = workflow && workflow.calls.length > 0 ? checkCalls(workflow, await deployOnly()) : [];
  return [...diagnostics, ...ofCalls].filter(({ code }) => code !== 'no-trigger');
}

/** The one workflow that the files of tests can call; it calls `example`. */
const DEPLOY = `
secrets: [TOKEN]
inputs: { version: { required: true }, channel: { enum: [beta, stable], default: beta } }
taskGroup:
  - { name: go, run: "true", exports: [{ name: url, scope: global }] }
  - { name: on, type: workflow, spec: { workflow: example } }
`;

async function deployOnly(): Promise<Callable> {
  const { workflow } = await loadText(DEPLOY, 'ops/deploy.yml');
  return { find: (id) => (id === 'ops/deploy' ? workflow : undefined), ids: () => ['ops/deploy'] };
}

/** The same as short lines: `2:7 bad-name`. */
export async function findings(content: string | Uint8Array): Promise<string[]> {
  const diagnostics = await diagnose(content);
  return diagnostics.map(({ place, code }) => `${place.line}:${place.column} ${code}`);
}
