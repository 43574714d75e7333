import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../report.ts';
import { quantile } from '../statistics.ts';
import { manyTasks, withSandbox } from './rig.ts';

const WORKFLOWS = 1_000;

/** How late the firings of many workflows are decided that are due in the same second, and how long until all have run. */
export async function benchLateness(row: Row): Promise<void> {
  await withSandbox(async (sandbox) => {
    const due = Math.ceil((Date.now() + 15_000) / 60_000) * 60_000;
    const { minute, hour } = { minute: new Date(due).getUTCMinutes(), hour: new Date(due).getUTCHours() };
    for (let index = 0; index < WORKFLOWS; index++) {
      sandbox.write(
        `w${index}`,
        `on: { schedule: [{ cron: "${minute} ${hour} * * *", timezone: UTC }] }\n${manyTasks(1)}`,
      );
    }
    const daemon = await sandbox.start();
    await pause(due - Date.now());
    for (;;) {
      const { body } = await daemon.ask('GET', '/api/v1/firings?limit=1000');
      const runs = await daemon.ask('GET', '/api/v1/runs?limit=1000&status=success');
      if (runs.body.runs.length < WORKFLOWS) {
        await pause(200);
        continue;
      }
      const late: number[] = body.firings.map((firing: { at: string; due_at: string }) => {
        return Date.parse(firing.at) - Date.parse(firing.due_at);
      });
      const ends: number[] = runs.body.runs.map((run: { ended_at: string }) => Date.parse(run.ended_at) - due);
      row('lateness of 1,000 firings in one second, p50 ms', quantile(late, 0.5), '–');
      row('lateness of 1,000 firings in one second, p99 ms', quantile(late, 0.99), '≤ 1,000');
      row('their runs have ended after, s', Math.max(...ends) / 1000, '–');
      return;
    }
  });
}
