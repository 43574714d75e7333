import type { DiagnosticView, InputView, RunView, WorkflowState, WorkflowView } from '../model/api.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { InputDefinition, Workflow } from '../model/workflow.ts';

/** What is known of a workflow file, whether it can be used or not. */
export interface WorkflowFacts {
  readonly id: string;
  readonly file: string;
  /** The version in use; null when there never was a good one. */
  readonly workflow: Workflow | null;
  /** Of the file as it is now. */
  readonly diagnostics: readonly Diagnostic[];
  readonly state: WorkflowState;
  readonly paused: boolean;
  readonly nextAt: string | null;
  readonly lastRun: RunView | null;
}

/** A workflow as the API shows it. */
export function workflowView({ id, file, workflow, diagnostics, ...facts }: WorkflowFacts): WorkflowView {
  return {
    id,
    name: workflow?.name ?? id,
    namespace: id.includes('/') ? (id.split('/')[0] ?? '') : '',
    description: workflow?.description ?? '',
    tags: workflow?.tags ?? {},
    file,
    state: facts.state,
    paused: facts.paused,
    diagnostics: diagnostics.map(diagnosticView),
    inputs: [...(workflow?.inputs.values() ?? [])].map(inputView),
    triggers: (workflow?.triggers ?? []).map(({ kind, identity, spec }) => ({ kind, identity, spec })),
    next_at: facts.nextAt,
    last_run: facts.lastRun,
  };
}

function diagnosticView({ code, severity, message, hint, place }: Diagnostic): DiagnosticView {
  const { file, line, column } = place;
  return { code, severity, message, hint: hint ?? null, file, line, column };
}

function inputView({ name, type, description, required, default: fallback, values }: InputDefinition): InputView {
  return { name, type, description, required, default: fallback, values };
}
