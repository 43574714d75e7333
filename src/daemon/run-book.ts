import { existsSync } from 'node:fs';
import { createScope } from '../engine/create-scope.ts';
import { renderJob } from '../engine/render-job.ts';
import { replay } from '../engine/replay.ts';
import { endedResults } from '../engine/result.ts';
import { initialState, type RunState } from '../engine/state.ts';
import type { LogPart, RunDetail, RunList, TaskDetail } from '../model/api.ts';
import { ControlError } from '../model/control.ts';
import type { RunEvent } from '../model/event.ts';
import type { Clock } from '../model/ports.ts';
import type { RunHeader } from '../model/run.ts';
import type { RunQuery, RunRecord, StateStore } from '../model/state-store.ts';
import { TemplateError } from '../model/template.ts';
import type { Task, Workflow } from '../model/workflow.ts';
import { MASK, SecretSet } from '../util/mask/secret-set.ts';
import type { Definitions } from './definitions.ts';
import { followLog } from './follow-log.ts';
import { logPath, runPaths } from './run-folder.ts';
import { runView, taskView, taskViews } from './run-view.ts';
import { waitsFor } from './waits-for.ts';

/** What reading runs needs. */
export interface RunBookPorts {
  readonly state: StateStore;
  readonly definitions: Definitions;
  readonly clock: Clock;
  /** The folder of all runs. */
  readonly runs: string;
  readonly hostEnv: ReadonlyMap<string, string>;
  readonly isDraining: () => boolean;
}

/** A run and where its tasks stand. */
export interface OpenedRun {
  readonly record: RunRecord;
  readonly header: RunHeader;
  readonly state: RunState;
  readonly events: readonly RunEvent[];
}

/** Reads what is kept of runs, those that go on and those that are over alike. */
export class RunBook {
  readonly #ports: RunBookPorts;
  /** Those who wait for the next events of a run. */
  readonly #waiting = new Map<string, Set<Wake>>();

  constructor(ports: RunBookPorts) {
    this.#ports = ports;
  }

  /** Tells those who wait for a run what has happened in it. */
  stir(run: string, events: readonly RunEvent[]): void {
    for (const wake of this.#waiting.get(run) ?? []) wake(events);
  }

  async list(query: RunQuery): Promise<RunList> {
    const { runs, more } = await this.#ports.state.runs(query);
    return { runs: runs.map(runView), more };
  }

  /** The record of a run by its id or the beginning of one. @throws {ControlError} when there is none, or more than one */
  async find(id: string): Promise<RunRecord> {
    const [first, second] = await this.#ports.state.findRun(id);
    if (second !== undefined)
      throw new ControlError('bad-request', `several runs begin with "${id}"; give more of the id`);
    const record = first === undefined ? undefined : this.#ports.state.run(first);
    if (!record) throw new ControlError('unknown-run', `there is no run "${id}"`);
    return record;
  }

  async detail(id: string, waitMs: number): Promise<RunDetail> {
    const found = await this.find(id);
    if (found.endedAt === null && waitMs > 0) await this.#ended(found.header.id, waitMs);
    const { record, header, state } = await this.open(found.header.id);
    const definition = this.#definitionOf(record);
    return {
      ...runView(record),
      waits_for: record.status === 'queued' ? await this.#waitsFor(record, state.workflow) : null,
      results: endedResults(state, header.id, new SecretSet()),
      tasks: taskViews(state),
      inputs: header.inputs,
      definition: { hash: definition.hash, file: definition.file },
    };
  }

  async #waitsFor(record: RunRecord, { concurrency }: Workflow): Promise<string | null> {
    const { state, isDraining } = this.#ports;
    const unfinished = await state.unfinishedRuns();
    const hold = isDraining() ? 'draining' : state.isPaused(null) ? 'paused' : null;
    return waitsFor(record, { unfinished, limit: concurrency?.limit ?? 1, hold });
  }

  async task(id: string, name: string): Promise<TaskDetail> {
    const run = await this.open((await this.find(id)).header.id);
    const task = taskNamed(run, name);
    const view = taskView(run.state, task);
    const attempts = Array.from({ length: view.attempt }, (_, index) => index + 1);
    return {
      ...view,
      run: run.header.id,
      result: endedResults(run.state, run.header.id, new SecretSet())[task.name] ?? null,
      environment: this.#environment(run, task),
      logs: attempts.filter((attempt) => existsSync(this.#logOf(run, task, attempt))),
    };
  }

  async definition(id: string): Promise<string> {
    return this.#definitionOf(await this.find(id)).text;
  }

  async log(id: string, name: string, attempt: number | null, offset: number, waitMs: number): Promise<LogPart> {
    const run = await this.open((await this.find(id)).header.id);
    const task = taskNamed(run, name);
    const newest = run.state.attempts[task.index] ?? 0;
    const number = attempt ?? Math.max(1, newest);
    if (attempt !== null && (attempt < 1 || attempt > newest)) {
      throw new ControlError('no-log', `task "${name}" has no attempt ${attempt}; it has ${newest}`);
    }
    let isOver = isAttemptOver(run.state, task, number);
    const leave = this.#wait(run.header.id, (events) => {
      isOver ||= events.some((event) => endsAttempt(event, task));
    });
    try {
      const path = this.#logOf(run, task, number);
      return await followLog({ path, offset, waitMs, isComplete: () => isOver }, this.#ports.clock);
    } finally {
      leave();
    }
  }

  /** A run with the state its events add up to. @throws {ControlError} when it is gone, or its file cannot be read any more */
  async open(id: string): Promise<OpenedRun> {
    const { state: store, definitions } = this.#ports;
    const record = store.run(id);
    if (!record) throw new ControlError('unknown-run', `there is no run "${id}"`);
    const workflow = await definitions.compile(this.#definitionOf(record));
    if (!workflow) throw new ControlError('conflict', 'this version of the program cannot read the file of this run');
    const events = await store.events(id);
    const [created] = events;
    if (created?.type !== 'run-created') throw new Error(`Internal error: run ${id} has no beginning`);
    const state = initialState(workflow);
    replay(state, events, new SecretSet());
    return { record, header: created.run, state, events };
  }

  /**
   * Rendered anew, with marks in place of what is confidential: the values themselves need not be at hand for that.
   * So is what helpers of plugins have made of values.
   */
  #environment({ record, header, state, events }: OpenedRun, task: Task): TaskDetail['environment'] {
    const attempt = state.attempts[task.index] ?? 0;
    if (attempt === 0) return null;
    const secretValues = new Map(state.workflow.secrets.map((name) => [name, MASK]));
    const { runs, hostEnv } = this.#ports;
    const runtimeEnv = new Map(Object.entries(record.env));
    const masks = new SecretSet();
    replay(initialState(state.workflow), events, masks);
    try {
      const helpers = { answerTo: () => ({ value: MASK }) };
      const ports = { paths: runPaths(runs, header.id), secretValues, masks, hostEnv, runtimeEnv, helpers };
      const { environment } = renderJob(createScope(state, header, ports), task, attempt);
      return [...environment].map(([name, { text, confidential, source }]) => ({
        name,
        value: confidential ? MASK : masks.maskText(text),
        source,
      }));
    } catch (error) {
      if (error instanceof TemplateError) return null;
      throw error;
    }
  }

  #definitionOf({ definition: hash, header }: RunRecord) {
    const definition = this.#ports.state.definition(hash);
    if (!definition) throw new Error(`Internal error: the definition of run ${header.id} is gone`);
    return definition;
  }

  #logOf({ header }: OpenedRun, task: Task, attempt: number): string {
    return logPath(this.#ports.runs, header.id, task.id, attempt);
  }

  /** Resolves once the run is over, or after the time. */
  #ended(id: string, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        callOff();
        leave();
        resolve();
      };
      const callOff = this.#ports.clock.after(waitMs, done);
      const leave = this.#wait(id, (events) => {
        if (events.some(({ type }) => type === 'run-ended')) done();
      });
      // It may have ended since it was looked at.
      if (this.#ports.state.run(id)?.endedAt !== null) done();
    });
  }

  #wait(run: string, wake: Wake): () => void {
    const waiting = this.#waiting.get(run) ?? new Set<Wake>();
    this.#waiting.set(run, waiting.add(wake));
    return () => {
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(run) === waiting) this.#waiting.delete(run);
    };
  }
}

type Wake = (events: readonly RunEvent[]) => void;

function endsAttempt(event: RunEvent, { name }: Task): boolean {
  if (event.type === 'run-ended') return true;
  return (event.type === 'task-ended' || event.type === 'task-retrying') && event.task === name;
}

function taskNamed({ state, header }: OpenedRun, name: string): Task {
  const task = state.workflow.tasks.find((one) => one.name === name || one.id === name);
  if (!task) throw new ControlError('unknown-task', `run ${header.id} has no task "${name}"`);
  return task;
}

function isAttemptOver(state: RunState, task: Task, attempt: number): boolean {
  const current = state.tasks[task.index];
  if (current?.phase === 'done') return true;
  const newest = state.attempts[task.index] ?? 0;
  return attempt < newest || (attempt === newest && current?.phase === 'waiting');
}
