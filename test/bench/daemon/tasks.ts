import { join } from 'node:path';
import { floor, taskEnv } from '../floor.ts';
import type { Row } from '../report.ts';
import { median } from '../statistics.ts';
import { cpuMs, executorOf, manyTasks, rssMb, runDuration, withSandbox } from './rig.ts';

const TASKS = 1_000;
const ROUNDS = 5;

/** What a task costs a daemon, every change of state synced: the slope between one task and many, against the bare loop. */
export async function benchDaemonTasks(row: Row): Promise<void> {
  await withSandbox(async (sandbox) => {
    for (const count of [1, TASKS]) sandbox.write(`tasks-${count}`, manyTasks(count));
    const daemon = await sandbox.start([], { RUNNER_MAX_PARALLEL: '2' });
    const executor = executorOf(sandbox);
    const { PATH = '', HOME = '', LANG = '' } = sandbox.env;
    const env = { PATH, HOME, LANG, ...taskEnv(join(sandbox.stateDir, 'runs'), sandbox.folder) };
    await runDuration(daemon, `tasks-${TASKS}`);
    const before = [daemon.pid, executor].map(cpuMs);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bare = floor(TASKS, 2, env) / TASKS;
      const [one, many] = [await runDuration(daemon, 'tasks-1'), await runDuration(daemon, `tasks-${TASKS}`)];
      ratios.push((many - one) / (TASKS - 1) / bare);
    }
    const [ofDaemon = 0, ofExecutor = 0] = [daemon.pid, executor].map(
      (pid, index) => (cpuMs(pid) - (before[index] ?? 0)) / ROUNDS / TASKS,
    );
    row('daemon 1,000 × /bin/true, two at a time, synced', median(ratios), '≤ 1.25, then 1.15');
    row('of it, ms of CPU a task in the daemon', ofDaemon, '–');
    row('of it, ms of CPU a task in the executor', ofExecutor, '–');
    row(`daemon after ${(ROUNDS + 1) * TASKS} tasks, MB`, rssMb(daemon.pid), '–');
    row(`executor after ${(ROUNDS + 1) * TASKS} tasks, MB`, rssMb(executor), '–');
  });
}
