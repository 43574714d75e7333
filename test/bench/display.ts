import { closeSync, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { RunDisplay } from '../../src/cli/print/display.ts';
import { StreamTerminal } from '../../src/cli/print/stream-terminal.ts';
import { systemClock } from '../../src/util/clock.ts';

/** Milliseconds a display costs per task of a run of `count` silent tasks, two at a time, written to the null device. */
export async function displayPerTask(count: number): Promise<number> {
  const names = Array.from({ length: count }, (_item, index) => `task-${index}`);
  const { display, close } = openDisplay(names);
  const begin = process.cpuUsage();
  for (const task of names) {
    display.event({ type: 'task-queued', at: 0, task });
    display.event({ type: 'task-starting', at: 0, task, attempt: 1 });
    await new Promise(setImmediate);
    const end = { status: 'success', exitCode: 0, outputs: {}, cached: false } as const;
    display.event({ type: 'task-ended', at: 1, task, end });
  }
  await display.close({ id: 'run', status: 'success', reason: null, results: {} });
  close();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000 / count;
}

/** Bytes per second (in MB) of output that passes a display to the null device, in lines of `lineLength`, two tasks in turn. */
export async function displayThroughput(megabytes: number, lineLength: number): Promise<number> {
  const { display, close } = openDisplay(['build', 'test']);
  const line = `${'x'.repeat(lineLength - 1)}\n`;
  const chunk = Buffer.from(line.repeat(Math.ceil(65_536 / lineLength)).slice(0, 65_536));
  const begin = performance.now();
  for (let sent = 0, turn = 0; sent < megabytes * 1e6; sent += chunk.length, turn++) {
    await display.output(turn % 2 === 0 ? 'build' : 'test', 1, 'stdout', chunk);
  }
  await display.close({ id: 'run', status: 'success', reason: null, results: {} });
  close();
  return megabytes / ((performance.now() - begin) / 1000);
}

function openDisplay(tasks: readonly string[]): { display: RunDisplay; close: () => void } {
  const descriptor = openSync('/dev/null', 'w');
  const stream = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      writeSync(descriptor, chunk);
      done();
    },
  });
  const display = new RunDisplay({ terminal: new StreamTerminal(stream, {}), clock: systemClock, tasks });
  return { display, close: () => closeSync(descriptor) };
}
