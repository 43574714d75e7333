import { type DestinationStream, destination, pino } from 'pino';
import type { Log } from './model/log.ts';
import type { Clock } from './model/ports.ts';
import { maskFields } from './util/mask/mask-fields.ts';

/** What it takes to write a daemon's log. */
export interface LogOptions {
  /** Takes whole lines; each is where it belongs when `write` returns. */
  readonly output: DestinationStream;
  /** Lines below this level are left out. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Hides what must not show in a text. */
  readonly mask: (text: string) => string;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * A log of JSON lines: `time` (ISO 8601, UTC), `level` (a word), `msg`, and the fields of the event. Every text in them is masked, and
 * errors are written with stack and cause.
 */
export function createLog({ output, level, mask, clock }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are plain data by the time they get here; pino's own way would leave out their causes.
      serializers: { err: (plain: unknown) => plain },
    },
    output,
  );
  const write = (name: LogOptions['level'], fields: object, message: string): void => {
    if (logger.isLevelEnabled(name)) logger[name](maskFields(fields, mask), mask(message));
  };
  return {
    debug: (fields, message) => write('debug', fields, message),
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
}

/**
 * Writes lines to a descriptor at once, so that none is lost when the process is killed. When nobody reads them any more
 * (`onLost`, once) the daemon goes on without a log.
 */
export function openLogOutput(descriptor: number, onLost: (error: Error) => void): DestinationStream {
  const output = destination({ fd: descriptor, sync: true });
  let isLost = false;
  output.on('error', (error: Error) => {
    if (!isLost) onLost(error);
    isLost = true;
  });
  return output;
}
