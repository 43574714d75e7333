import type { JsonObject } from '../../model/json.ts';
import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, withDaemon } from '../daemon-command.ts';
import { readPayload } from '../read-payload.ts';
import { SEE_OPTIONS, seeRun } from '../see-run.ts';

/** `runner run`: has the daemon run a workflow now. */
export const run = defineCommand({
  name: 'run',
  summary: 'Have the daemon run a workflow now',
  details: [
    'Prints the name and the id of the run. With --wait or --follow it exits 0 when the run succeeds, 1 when it fails, 130 when it is cancelled; Ctrl-C ends the waiting and not the run, and exits 130.',
  ],
  options: {
    input: { kind: 'pairs', value: 'NAME=VALUE', description: 'Choose an input of the workflow' },
    env: { kind: 'pairs', value: 'NAME=VALUE', description: 'Give all tasks a variable; what the file says wins' },
    event: { kind: 'text', value: 'FILE', description: 'A JSON payload, seen as trigger.payload' },
    only: { kind: 'names', value: 'TASK,…', description: 'Run just these tasks' },
    ...SEE_OPTIONS,
    ...DAEMON_OPTIONS,
  },
  operands: { name: 'WORKFLOW', description: 'its id, as "runner workflows" lists it', least: 1, most: 1 },
  run: ({ options, operands: [workflow = ''] }, io) =>
    withDaemon('run', options, io, async (session) => {
      const { input, env, event, only } = options;
      const payload = event === undefined ? null : payloadOf(event, io.cwd);
      session.about({ workflow });
      const created = await session.daemon.fire(workflow, {
        inputs: Object.fromEntries(input),
        env: Object.fromEntries(env),
        ...(only.length > 0 ? { only } : {}),
        ...(payload === null ? {} : { payload }),
      });
      return seeRun(session, created, workflow, options);
    }),
});

function payloadOf(path: string, cwd: string): JsonObject {
  const read = readPayload(path, cwd);
  if ('problem' in read) throw new UsageError(read.problem);
  const { payload } = read;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new UsageError(`--event ${path}: expected a JSON object`);
  }
  return payload as JsonObject;
}
