import type { Finding } from '../../model/api.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_FAILED, EXIT_SUCCESS } from '../exit-code.ts';
import type { Look } from '../print/look.ts';

/** `runner doctor`: asks a daemon what is wrong with it. */
export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Say what is in order with the daemon and what is not',
  details: ['Exits 0 when there is no error, with or without warnings, and 1 when there is one.'],
  options: DAEMON_OPTIONS,
  run: ({ options }, io) =>
    withDaemon('doctor', options, io, async (session) => {
      const findings = await session.daemon.doctor();
      await printAnswer(session, findings, (list, look) => list.map((one) => findingLine(one, look)).join(''));
      return findings.some(({ level }) => level === 'error') ? EXIT_FAILED : EXIT_SUCCESS;
    }),
});

const STATUS = { ok: 'success', warning: 'skipped', error: 'failed' } as const;

function findingLine({ name, level, message }: Finding, { style }: Look): string {
  const shown = style.status(STATUS[level])(level.padEnd('warning'.length));
  return `${shown}  ${harmlessName(message === '' ? name : `${name}: ${message}`)}\n`;
}
