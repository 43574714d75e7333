import { systemdUnit, type UnitOptions, unitProblem } from '../systemd-unit.ts';
import { parseDuration } from '../util/duration.ts';
import { defineCommand } from './command.ts';
import { EXIT_SUCCESS, EXIT_USAGE } from './exit-code.ts';
import type { Arguments } from './options.ts';

const OPTIONS = {
  user: { kind: 'text', value: 'NAME', description: 'Who the daemon runs as', fallback: 'runnerd' },
  taskUser: { kind: 'text', value: 'NAME', description: 'Who tasks run as', fallback: 'the same user' },
  workflows: {
    kind: 'text',
    value: 'DIR',
    description: 'The folder of workflows',
    fallback: '/etc/runnerd/workflows',
  },
  stateDir: { kind: 'text', value: '/var/lib/NAME', description: 'Where state is kept', fallback: '/var/lib/runnerd' },
  config: { kind: 'text', value: 'FILE', description: 'The config file, which may belong to root alone' },
  writable: { kind: 'list', value: 'DIR', description: 'A folder tasks may write to, besides their workspace' },
  drain: { kind: 'text', value: 'TIME', description: 'How long a stop waits for runs to end', fallback: '30s' },
} as const;

/** What a task that is told to end gets by default, in ms. */
const GRACE_MS = 10_000;

/** `runnerd unit`: prints a systemd unit for this program. */
export const unit = defineCommand({
  name: 'unit',
  summary: 'Print a hardened systemd unit',
  details: ['Redirect it to /etc/systemd/system/runnerd.service; docs/systemd.md goes through every step.'],
  options: OPTIONS,
  async run(args, io) {
    const options = unitOptions(args, io.program);
    const problem = typeof options === 'string' ? options : unitProblem(options);
    if (typeof options !== 'string' && problem === null) {
      await io.stdout.write(systemdUnit(options));
      return EXIT_SUCCESS;
    }
    await io.stderr.write(`runnerd unit: ${problem}\n`);
    return EXIT_USAGE;
  },
});

function unitOptions({ options }: Arguments<typeof OPTIONS>, program: UnitOptions['program']): UnitOptions | string {
  const { stateDir = '/var/lib/runnerd', workflows = '/etc/runnerd/workflows', drain = '30s' } = options;
  const stateName = /^\/var\/lib\/([^/]+)\/?$/.exec(stateDir)?.[1];
  if (stateName === undefined) return `--state-dir ${stateDir}: systemd makes a folder directly below /var/lib`;
  const drainMs = parseDuration(drain);
  if (drainMs === null) return `--drain ${drain}: expected a duration such as 30s or 5m`;
  const paths = [workflows, ...options.writable, ...(options.config === undefined ? [] : [options.config])];
  const relative = paths.find((path) => !path.startsWith('/'));
  if (relative !== undefined) return `${relative}: a unit needs absolute paths`;
  return {
    program,
    user: options.user ?? 'runnerd',
    taskUser: options.taskUser ?? null,
    stateName,
    workflows,
    config: options.config ?? null,
    writable: options.writable,
    drainMs,
    graceMs: GRACE_MS,
  };
}
