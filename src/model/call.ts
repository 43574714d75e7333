import type { Place } from './diagnostic.ts';
import type { JsonObject } from './json.ts';
import type { CancelReason, RunStatus } from './reason.ts';
import type { DriverOutputs } from './run.ts';

/** What one task of a file wants of another workflow, as far as the file says. */
export interface Call {
  /** The task's name in the file. */
  readonly task: string;
  /** Id of the workflow it calls. */
  readonly workflow: string;
  readonly place: Place;
  readonly inputs: ReadonlyMap<string, CallInput>;
  readonly exports: ReadonlyMap<string, Place>;
}

/** An input a call chooses. `value` is undefined when only a run knows it. */
export interface CallInput {
  readonly value: string | number | boolean | undefined;
  readonly place: Place;
}

/** What a task asks of whoever runs workflows. */
export interface CallRequest {
  /** The run and the attempt that ask. Asked again for the same, the same run answers. */
  readonly run: string;
  readonly task: string;
  readonly taskId: string;
  readonly attempt: number;
  /** Id of the calling workflow. */
  readonly caller: string;
  /** Id of the workflow to run. */
  readonly workflow: string;
  readonly inputs: JsonObject;
}

/** A run that was made for a task. */
export interface CalledRun {
  readonly id: string;
  /** Resolves once the run is over; rejects when our own machinery fails. Never settles for a run that was let go. */
  readonly over: Promise<CalledEnd>;
  /** Asks the run to stop; asked again, it spares nothing. */
  cancel(): void;
}

/** How a called run ended. */
export interface CalledEnd {
  readonly status: RunStatus;
  readonly reason: CancelReason | null;
  /** One sentence about what went wrong; empty when nothing did. */
  readonly message: string;
  /** Its global exports. */
  readonly outputs: DriverOutputs;
}

/** Why there is no run: it would be in another's way, or it cannot be made. */
export interface RefusedCall {
  readonly refused: 'overlap' | 'invalid';
  readonly message: string;
}

/** Runs workflows for tasks. */
export interface WorkflowCaller {
  /** Makes the run a task asks for, or finds the one it made before. `write` takes what the run's tasks print, if that is shown. */
  call(request: CallRequest, write: (chunk: Uint8Array) => void | Promise<void>): Promise<CalledRun | RefusedCall>;
}
