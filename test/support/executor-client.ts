/**
 * Runs one task through an executor and is there to be killed: `executor-client.ts FOLDER` with the start as JSON on stdin. Prints
 * `started` and, if it lives to see it, the end.
 */
import { connectExecutor } from '../../src/executor/remote-spawner.ts';
import type { ExecutorCommand } from '../../src/executor/start-executor.ts';
import type { Capture, Spawn } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';

interface Task {
  readonly command: ExecutorCommand;
  readonly spawn: Spawn;
  readonly capture: Capture;
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { command, spawn, capture }: Task = JSON.parse(Buffer.concat(chunks).toString());
const onProblem = (message: string): void => console.error(message);
const folder = process.argv[2] ?? '';
const client = await connectExecutor({ folder, command, umask: 0o022, clock: systemClock, onProblem });
const exit = await client.run(spawn, {
  signal: new AbortController().signal,
  write: () => {},
  started: async (handle) => console.log(`started ${JSON.stringify(handle)}`),
  capture,
});
console.log(JSON.stringify(exit));
client.close();
