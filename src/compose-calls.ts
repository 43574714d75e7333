import { join } from 'node:path';
import { failureSentence, globalExports } from './engine/global-exports.ts';
import { resolveInputs } from './engine/inputs.ts';
import type { Run } from './engine/run.ts';
import type { CalledEnd, CalledRun, CallRequest, RefusedCall, WorkflowCaller } from './model/call.ts';
import type { Clock, Stream } from './model/ports.ts';
import type { RunHeader, RunResult } from './model/run.ts';
import { TemplateError } from './model/template.ts';
import type { Workflow } from './model/workflow.ts';
import { LineSplitter } from './util/line-splitter.ts';
import { runId } from './util/run-id.ts';

/** Most runs within each other. */
export const MOST_NESTED = 10;

/** A run of this process, as far as those it calls must know it. */
export interface NestingRun {
  readonly workflow: Workflow;
  readonly header: RunHeader;
  readonly runDir: string;
  /** Of the secrets it may see. */
  readonly secretValues: ReadonlyMap<string, string>;
}

/** A run that is put together. */
export interface OpenedRun {
  readonly run: Run;
  execute(): Promise<RunResult>;
}

/** What calls within one process need. */
export interface CallParts {
  readonly clock: Clock;
  /** The run everything begins with. */
  readonly root: NestingRun;
  /** What can be called, by id. */
  readonly workflows: ReadonlyMap<string, Workflow>;
  /** Puts a run together. @throws {TemplateError} */
  open(run: NestingRun, output: RunOutput): OpenedRun;
}

/** Takes what the tasks of a called run print, masked. */
export type RunOutput = (task: string, stream: Stream, chunk: Uint8Array) => void | Promise<void>;

/** Runs workflows within runs of the same process, each in a folder below that of the run that called it. */
export function callWithin(parts: CallParts): WorkflowCaller {
  const going = new Map([[parts.root.header.id, { run: parts.root, depth: 0 }]]);
  const call = (request: CallRequest, write: Write): CalledRun | RefusedCall => {
    const parent = going.get(request.run);
    if (!parent) throw new Error(`Internal error: no run ${request.run} is going on`);
    const nested = nestedRun(parts, parent.run, request);
    if ('refused' in nested) return nested;
    if (parent.depth + 1 > MOST_NESTED) return invalid(`workflows call each other more than ${MOST_NESTED} deep`);
    const opened = tryToOpen(parts, nested, write);
    if ('refused' in opened) return opened;
    const { id } = nested.header;
    going.set(id, { run: nested, depth: parent.depth + 1 });
    const over = opened.execute().finally(() => going.delete(id));
    return {
      id,
      over: over.then((result) => endOf(opened.run, result)),
      cancel: () => void opened.run.cancel('caller'),
    };
  };
  return { call: async (request, write) => call(request, write) };
}

type Write = (chunk: Uint8Array) => void | Promise<void>;

function nestedRun(parts: CallParts, parent: NestingRun, request: CallRequest): NestingRun | RefusedCall {
  const workflow = parts.workflows.get(request.workflow);
  if (!workflow) return invalid(`there is no workflow "${request.workflow}"`);
  const texts = Object.entries(request.inputs).map(([name, value]) => [name, String(value)] as const);
  const inputs = resolveInputs(workflow.inputs, new Map(texts));
  if (!inputs.ok) return invalid(inputs.problems.join('; '));
  const createdAt = parts.clock.now();
  const id = runId(createdAt);
  const { firing } = parent.header;
  const header = { id, number: 1, workflow: workflow.id, firing, inputs: inputs.values, only: null, createdAt };
  const declared = [...parent.secretValues].filter(([name]) => workflow.secrets.includes(name));
  return { workflow, header, runDir: join(parent.runDir, 'runs', id), secretValues: new Map(declared) };
}

function tryToOpen(parts: CallParts, nested: NestingRun, write: Write): OpenedRun | RefusedCall {
  try {
    return parts.open(nested, namedLines(write));
  } catch (error) {
    if (error instanceof TemplateError) return invalid(`env: ${error.message}`);
    throw error;
  }
}

function endOf({ state }: Run, { status }: RunResult): CalledEnd {
  const message = failureSentence(state);
  return { status, reason: state.stop?.reason ?? null, message, outputs: globalExports(state) };
}

/** Whole lines with the name of the task in front, since tasks print at the same time. */
function namedLines(write: Write): RunOutput {
  const splitters = new Map<string, LineSplitter>();
  return (task, stream, chunk) => {
    const key = `${stream} ${task}`;
    const splitter = splitters.get(key) ?? new LineSplitter();
    splitters.set(key, splitter);
    const lines: string[] = [];
    splitter.push(chunk, (line) => lines.push(`${task} | ${line.toString()}\n`));
    return lines.length > 0 ? write(Buffer.from(lines.join(''))) : undefined;
  };
}

function invalid(message: string): RefusedCall {
  return { refused: 'invalid', message };
}
