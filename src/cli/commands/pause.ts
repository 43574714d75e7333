import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';

/** `runner pause`: keeps a workflow, or all, from firing. */
export const pause = switchCommand({
  name: 'pause',
  summary: 'Keep a workflow, or all of them, from firing; they still run by hand',
  paused: true,
  told: 'paused: it runs by hand only, until "runner resume"',
});

/** `runner resume`: ends a pause. */
export const resume = switchCommand({
  name: 'resume',
  summary: 'Let a workflow, or all of them, fire again',
  paused: false,
  told: 'resumed',
});

interface Switch {
  readonly name: string;
  readonly summary: string;
  readonly paused: boolean;
  readonly told: string;
}

function switchCommand({ name, summary, paused, told }: Switch): Command {
  return defineCommand({
    name,
    summary,
    options: DAEMON_OPTIONS,
    operands: { name: 'WORKFLOW', description: 'its id; without one, the whole daemon', least: 0, most: 1 },
    run: ({ options, operands: [workflow = null] }, io) =>
      withDaemon(name, options, io, async (session) => {
        if (workflow !== null) session.about({ workflow });
        await session.daemon.setPaused(workflow, paused);
        await printAnswer(session, { workflow, paused }, () => `${workflow ?? 'the daemon'} is ${told}\n`);
        return EXIT_SUCCESS;
      }),
  });
}
