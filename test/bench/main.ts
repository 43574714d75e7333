/**
 * `npm run bench` prints every row, `npm run bench -- daemon masking` those parts. Ratios are to a floor measured in the same run.
 * The whole goes to bench-results.json.
 */
import { resolve } from 'node:path';
import { cachedPerTask } from './cache.ts';
import { benchHistory } from './daemon/history.ts';
import { benchIdle } from './daemon/idle.ts';
import { benchLateness } from './daemon/lateness.ts';
import { benchLargeOutput } from './daemon/output.ts';
import { benchDaemonTasks } from './daemon/tasks.ts';
import { benchWebhooks } from './daemon/webhooks.ts';
import { displayPerTask } from './display.ts';
import { benchExec } from './exec.ts';
import { benchMasking } from './masking.ts';
import { Report, type Row } from './report.ts';
import { benchSpawn } from './spawn.ts';

const PROGRAM = resolve('dist/runner.cjs');

/** The parts that can be asked for; `daemon` is all of those whose name begins so. */
const PARTS: Readonly<Record<string, (row: Row) => unknown>> = {
  exec: (row) => benchExec(PROGRAM, row),
  cache: async (row) => row('1,000 cached tasks, ms a task', await cachedPerTask(PROGRAM, 3), '≤ 0.10'),
  display: async (row) => row('display, ms of CPU a task', await displayPerTask(10_000), '≤ 0.02'),
  masking: (row) => {
    for (const { name, value } of benchMasking(200, () => {})) row(name, value, '≥ 500 MB/s, log ≤ 1.1 ×');
  },
  docker: async (row) => (await import('./docker.ts')).benchDocker(row),
  spawn: () => benchSpawn((line) => process.stdout.write(`${line}\n`)),
  'daemon-tasks': benchDaemonTasks,
  'daemon-webhooks': benchWebhooks,
  'daemon-lateness': benchLateness,
  'daemon-idle': benchIdle,
  'daemon-history': benchHistory,
  'daemon-output': benchLargeOutput,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.keys(PARTS).some((part) => isPartOf(part, name)));
if (unknown.length > 0)
  throw new Error(`unknown part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);

const report = new Report();
for (const [part, measure] of Object.entries(PARTS)) {
  if (wanted.length === 0 || wanted.some((name) => isPartOf(part, name))) await measure(report.row);
}
report.save('bench-results.json');

function isPartOf(part: string, name: string): boolean {
  return part === name || part.startsWith(`${name}-`);
}
