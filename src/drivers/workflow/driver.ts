import type { CalledEnd, CalledRun, CallRequest, WorkflowCaller } from '../../model/call.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Driver, DriverIO, EndRequest, Job } from '../../model/ports.ts';
import type { Exit } from '../../model/run.ts';
import { calledId } from '../../util/called-id.ts';
import { workflowTaskType } from './task-type.ts';

/** Makes the driver for tasks of type `workflow`, which only wait: the tasks of the run they call do the work. */
export function createWorkflowDriver(caller: WorkflowCaller): Driver {
  const run = (job: Job, io: DriverIO): Promise<Exit> => callWorkflow(caller, job, io);
  // Asked for the same again, the caller finds the run that was made.
  return { ...workflowTaskType, takesPlace: false, run, recover: (job, _handle, io) => run(job, io) };
}

async function callWorkflow(caller: WorkflowCaller, job: Job, io: DriverIO): Promise<Exit> {
  const request = requestOf(job);
  if ('problem' in request) return badCall(request.problem);
  const secret = Object.entries(request.inputs).find(([, value]) => io.isSecret?.(String(value)));
  if (secret) {
    const advice = 'what inputs hold is shown; declare the secret in both files instead';
    return badCall(`input "${secret[0]}" holds a confidential value: ${advice}`);
  }
  const called = await caller.call(request, (chunk) => io.write('stdout', chunk));
  if ('refused' in called) return called.refused === 'overlap' ? skipped(called.message) : badCall(called.message);
  const stop = (): void => stopRun(called, io.signal);
  io.signal.addEventListener('abort', stop, { once: true });
  if (io.signal.aborted) stop();
  await recordStart(called, io);
  return exitOf(called.id, request.workflow, await called.over);
}

/** A run that nobody would find again must not go on. */
async function recordStart(called: CalledRun, io: DriverIO): Promise<void> {
  try {
    await io.started({ kind: 'run', id: called.id });
  } catch (error) {
    called.cancel();
    await called.over;
    throw error;
  }
}

function stopRun(called: CalledRun, { reason }: AbortSignal): void {
  const { hurry } = reason as EndRequest;
  called.cancel();
  if (hurry.aborted) called.cancel();
  else hurry.addEventListener('abort', () => called.cancel(), { once: true });
}

function requestOf(job: Job): CallRequest | { readonly problem: string } {
  const { workflow: target, inputs = {} } = job.spec;
  const workflow = calledId(job.workflow, String(target));
  if (workflow === null) return { problem: `"${String(target)}" lies outside the folder of workflows` };
  const { runId: run, task, taskId, attempt, workflow: caller } = job;
  return { run, task, taskId, attempt, caller, workflow, inputs: isJsonObject(inputs) ? inputs : {} };
}

function exitOf(id: string, workflow: string, { status, reason, message, outputs }: CalledEnd): Exit {
  const notes = [`run ${id} of ${workflow}`];
  if (status === 'success') return { kind: 'done', outputs, notes };
  const what = message === '' ? '' : `: ${message}`;
  if (status === 'cancelled') {
    return { kind: 'cancelled', reason: reason ?? 'user', message: `run ${id} of ${workflow} was cancelled` };
  }
  return { kind: 'failed', reason: 'workflow_failed', message: `run ${id} of ${workflow} failed${what}` };
}

function badCall(message: string): Exit {
  return { kind: 'failed', reason: 'bad_call', message };
}

function skipped(message: string): Exit {
  return { kind: 'skipped', message };
}
