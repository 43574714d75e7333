import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../report.ts';
import { median } from '../statistics.ts';
import { cpuMs, executorOf, manyTasks, rssMb, withSandbox } from './rig.ts';

const FILES = 1_000;
const STARTS = 3;
/** V8 collects what the start has left over, once, within the first minute or so. */
const SETTLE_MS = 80_000;
/** At least one look at the whole folder falls into it. */
const IDLE_MS = 60_000;

/** What a daemon with many files costs that has nothing to do. */
export async function benchIdle(row: Row): Promise<void> {
  await withSandbox(async (sandbox) => {
    for (let index = 0; index < FILES; index++) {
      sandbox.write(`w${index}`, `on: { schedule: [{ cron: "0 3 * * *" }] }\n${manyTasks(2)}`);
    }
    const starts: number[] = [];
    for (let round = 0; round < STARTS; round++) {
      const begin = performance.now();
      const daemon = await sandbox.start();
      starts.push((performance.now() - begin) / 1000);
      if (round < STARTS - 1) await daemon.kill();
      else await rest(daemon.pid, executorOf(sandbox));
    }

    async function rest(daemon: number, executor: number): Promise<void> {
      row('start with 1,000 files, the first time, s', starts[0] ?? Number.NaN, '≤ 1.5');
      row('start with 1,000 files, again, s', median(starts.slice(1)), '≤ 1.5');
      await pause(SETTLE_MS);
      const before = cpuMs(daemon);
      await pause(IDLE_MS);
      row('idle daemon, % of one core', ((cpuMs(daemon) - before) / IDLE_MS) * 100, '≤ 0.2');
      row('idle daemon, MB', rssMb(daemon), '≤ 120');
      row('idle executor, MB', rssMb(executor), '≤ 45');
    }
  });
}
