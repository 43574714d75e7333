import { harmlessName } from '../../util/terminal-text.ts';
import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';

/** `runner pause`: keeps a workflow, or all, from firing. */
export const pause = switchCommand({
  name: 'pause',
  summary: 'Keep a workflow from firing, or the whole daemon from starting runs',
  details: [
    'A paused workflow still runs by hand. A paused daemon refuses whatever would start a run, and what waits goes on waiting; what runs goes on.',
  ],
  paused: true,
  told: (workflow) =>
    workflow === null
      ? 'the daemon is paused: nothing new runs until "runner resume"; what runs goes on'
      : `${workflow} is paused: it runs by hand only, until "runner resume ${workflow}"`,
});

/** `runner resume`: ends a pause. */
export const resume = switchCommand({
  name: 'resume',
  summary: 'Let a workflow, or all of them, fire again',
  details: [],
  paused: false,
  told: (workflow) => `${workflow ?? 'the daemon'} is resumed`,
});

/** What resuming does not end. */
const DRAINING = ', but the daemon is draining: no run starts until it is started again';

interface Switch {
  readonly name: string;
  readonly summary: string;
  readonly details: readonly string[];
  readonly paused: boolean;
  /** What is said then; `workflow` null is the whole daemon. */
  told(workflow: string | null): string;
}

function switchCommand({ name, summary, details, paused, told }: Switch): Command {
  return defineCommand({
    name,
    summary,
    details,
    options: DAEMON_OPTIONS,
    operands: { name: 'WORKFLOW', description: 'its id; without one, the whole daemon', least: 0, most: 1 },
    run: ({ options, operands: [workflow = null] }, io) =>
      withDaemon(name, options, io, async (session) => {
        if (workflow !== null) session.about({ workflow });
        await session.daemon.setPaused(workflow, paused);
        const { draining } = await session.daemon.health();
        const rest = !paused && draining ? DRAINING : '';
        await printAnswer(session, { workflow, paused }, () => `${harmlessName(told(workflow))}${rest}\n`);
        return EXIT_SUCCESS;
      }),
  });
}
