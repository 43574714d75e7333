import { join } from 'node:path';
import type { Json, JsonObject } from '../model/json.ts';
import type { Job, JobFile } from '../model/ports.ts';
import type { RunHeader } from '../model/run.ts';
import {
  type RenderedText,
  type Script,
  type Spec,
  type Template,
  type TemplateContext,
  TemplateError,
  type Text,
} from '../model/template.ts';
import type { InjectedFile, Task } from '../model/workflow.ts';
import { protect } from '../util/mask/protect.ts';
import { taskContext } from './context.ts';
import { attemptVariables, type Environment, put, renderEnv, renderText } from './environment.ts';
import type { RenderPorts, RunPorts } from './ports.ts';
import type { RunState } from './state.ts';

/** What all jobs of a run have in common, made once. */
export interface RunScope<P extends RenderPorts = RunPorts> {
  readonly state: RunState;
  readonly header: RunHeader;
  readonly ports: P;
  /** The roots of the template context that do not depend on the task. */
  readonly root: JsonObject;
  /** The host's and the run's variables; the same for every task. */
  readonly runEnv: Environment;
  /** The workflow's own `env`, rendered; the same for every task. */
  readonly workflowEnv: Environment;
}

/** A rendered attempt and the environment it got, with sources. */
export interface RenderedJob {
  readonly job: Job;
  readonly environment: Environment;
  /** What its templates could read. */
  readonly context: TemplateContext;
}

/**
 * Renders one attempt of a task, once, right before launch. Every confidential text that comes up is added to the run's
 * masks. @throws {TemplateError} @throws {UnansweredHelper} where a helper of a plugin has to be asked first
 */
export function renderJob(scope: RunScope<RenderPorts>, task: Task, attempt: number): RenderedJob {
  const { header, ports } = scope;
  const name = `${task.id}.${attempt}`;
  const facts = { taskId: `${header.id}.${name}`, attempt, workspace: ports.paths.workspace };
  const environment = lowerEnvironment(scope, task, facts);
  const root = attempt === 1 ? scope.root : { ...scope.root, run: { id: header.id, number: header.number, attempt } };
  const context = taskContext(root, scope.state, task, environment, ports.helpers);
  renderEnv(environment, task.env, context, 'task', ports.hostEnv);

  const renderer = new Renderer(context, ports);
  const spec = renderer.object(task.spec);
  const outputFile = join(ports.paths.runDir, 'outputs', name);
  put(environment, renderer.bindings, 'reserved');
  put(environment, [['OUTPUT_FILE', outputFile]], 'reserved');
  const env: Record<string, string> = {};
  for (const [key, variable] of environment) {
    renderer.guard(variable);
    env[key] = variable.text;
  }
  const inherited = [...scope.runEnv].filter(([key, own]) => own.source === 'host' && environment.get(key) === own);
  const job: Job = {
    runId: header.id,
    workflow: header.workflow,
    task: task.name,
    taskId: task.id,
    attempt,
    type: task.type,
    spec,
    env,
    inherited: inherited.map(([key]) => key),
    shell: task.shell,
    workspace: ports.paths.workspace,
    workingDir: task.workingDir === null ? null : renderer.text(task.workingDir),
    files: task.files.map((file) => renderFile(file, renderer)),
    scratch: join(ports.paths.runDir, 'scratch', name),
    outputFile,
    resultFile: task.resultFile === null ? null : renderer.text(task.resultFile),
    eventPath: ports.paths.eventPath,
    resources: task.resources,
  };
  return { job, environment, context };
}

/** Renders what belongs to a run and to none of its tasks. Confidential texts are added to the masks. @throws {TemplateError} */
export function renderSpec(
  spec: { readonly [key: string]: Spec },
  context: TemplateContext,
  ports: Pick<RenderPorts, 'masks'>,
): JsonObject {
  return new Renderer(context, ports).object(spec);
}

/** The environment a condition sees: every layer below the task's own `env`. */
export function lowerEnvironment(
  scope: RunScope<RenderPorts>,
  task: Task,
  facts: { readonly taskId: string; readonly attempt: number; readonly workspace: string },
): Environment {
  const environment: Environment = new Map(scope.runEnv);
  put(environment, attemptVariables(task, facts), 'system');
  put(environment, scope.ports.runtimeEnv, 'runtime');
  for (const [key, variable] of scope.workflowEnv) environment.set(key, variable);
  return environment;
}

function renderFile(file: InjectedFile, renderer: Renderer): JobFile {
  const path = renderer.text(file.path);
  switch (file.content.kind) {
    case 'text':
      return {
        path,
        mode: file.mode,
        content: { kind: 'bytes', bytes: Buffer.from(renderer.text(file.content.text)) },
      };
    case 'base64':
      return { path, mode: file.mode, content: { kind: 'bytes', bytes: Buffer.from(file.content.data, 'base64') } };
    case 'source':
      return { path, mode: file.mode, content: { kind: 'source', path: renderer.text(file.content.path) } };
  }
}

/** Renders the leaves of a task, collecting what scripts want in their environment. */
class Renderer {
  readonly bindings: [string, string][] = [];
  readonly #context: TemplateContext;
  readonly #ports: Pick<RenderPorts, 'masks'>;

  constructor(context: TemplateContext, ports: Pick<RenderPorts, 'masks'>) {
    this.#context = context;
    this.#ports = ports;
  }

  /** Sees to it that a confidential text is masked; one that holds a known secret is so already. @throws {TemplateError} */
  guard({ text, confidential }: RenderedText): void {
    if (!confidential || this.#ports.masks.containsSecret(text)) return;
    const problem = protect(this.#ports.masks, text);
    if (problem !== null) throw new TemplateError(problem, '', 0);
  }

  text(text: Text): string {
    const rendered = renderText(text, this.#context);
    this.guard(rendered);
    return rendered.text;
  }

  object(spec: { readonly [key: string]: Spec }): JsonObject {
    const rendered: Record<string, Json> = {};
    for (const [key, value] of Object.entries(spec)) rendered[key] = this.#value(value);
    return rendered;
  }

  #value(spec: Spec): Json {
    if (typeof spec !== 'object' || spec === null) return spec;
    if (isList(spec)) return spec.map((item) => this.#value(item));
    if (isCompiled(spec)) return spec.kind === 'template' ? this.text(spec) : this.#script(spec);
    return this.object(spec);
  }

  #script(script: Script): string {
    for (const { variable, value } of script.bindings) this.bindings.push([variable, this.text(value)]);
    return script.text;
  }
}

/** Whether a part of a spec is a list. */
export function isList(spec: Spec): spec is readonly Spec[] {
  return Array.isArray(spec);
}

/** Whether a part of a spec is a template or script. Those hold functions, which plain data of the same shape cannot. */
export function isCompiled(spec: Exclude<Spec, readonly Spec[]> & object): spec is Template | Script {
  const { render, bindings } = spec as { render?: unknown; bindings?: readonly { value?: { render?: unknown } }[] };
  return typeof render === 'function' || typeof bindings?.[0]?.value?.render === 'function';
}
