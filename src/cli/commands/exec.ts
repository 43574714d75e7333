import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { composeExec, type ExecOptions, type ExecRun } from '../../compose.ts';
import { hostVariables } from '../../engine/environment.ts';
import { HelperAnswers } from '../../engine/helper-answers.ts';
import { forgetOldRuns } from '../../exec-folders.ts';
import { isUsable } from '../../model/diagnostic.ts';
import type { RunHeader, RunResult } from '../../model/run.ts';
import { TemplateError } from '../../model/template.ts';
import type { Workflow } from '../../model/workflow.ts';
import { systemClock } from '../../util/clock.ts';
import { parseDuration } from '../../util/duration.ts';
import { SecretSet } from '../../util/mask/secret-set.ts';
import { runId } from '../../util/run-id.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { cachePlace } from '../cache-place.ts';
import { defineCommand } from '../command.ts';
import { execDocker } from '../exec-docker.ts';
import { type ExecRequest, readRequest } from '../exec-request.ts';
import { EXIT_CANCELLED, EXIT_FAILED, EXIT_SUCCESS, EXIT_USAGE } from '../exit-code.ts';
import type { CliIO } from '../io.ts';
import { loadFile } from '../load-file.ts';
import type { Arguments } from '../options.ts';
import { PLUGINS_OPTION, PluginFolder } from '../plugin-folder.ts';
import { printDiagnostics } from '../print/diagnostics.ts';
import { RunDisplay } from '../print/display.ts';
import { resultJson } from '../print/result-json.ts';
import { execStateDir } from '../state-dir.ts';

const OPTIONS = {
  input: { kind: 'pairs', value: 'NAME=VALUE', description: 'Choose an input of the workflow' },
  env: { kind: 'pairs', value: 'NAME=VALUE', description: 'Give all tasks a variable; what the file says wins' },
  event: { kind: 'text', value: 'FILE', description: 'A JSON payload, seen as trigger.payload' },
  secret: { kind: 'names', value: 'NAME', description: 'Give a declared secret its value from the environment' },
  only: { kind: 'names', value: 'TASK,…', description: 'Run just these tasks' },
  jobs: {
    kind: 'count',
    short: 'j',
    value: 'N',
    description: 'Most tasks at once',
    fallback: 'the number of cores, at least 2',
  },
  json: { kind: 'flag', description: 'Print the result as JSON; live output goes to stderr' },
  dryRun: { kind: 'flag', description: 'Show what would run, and with which values; start nothing' },
  grace: { kind: 'text', value: 'TIME', description: 'Between asking a task to end and forcing it', fallback: '10s' },
  noCache: { kind: 'flag', description: 'Run every task, and store nothing' },
  stateDir: { kind: 'text', value: 'DIR', description: 'Where runs are kept' },
  plugins: PLUGINS_OPTION,
} as const;

type ExecArguments = Arguments<typeof OPTIONS>;

/** `runner exec`: runs one file here and now, without a daemon. */
export const exec = defineCommand({
  name: 'exec',
  summary: 'Run one workflow file here and now',
  details: [
    'Tasks start in the current folder. Exits 0 when the run succeeds, 1 when it fails, 2 when the file or the command line is wrong, 130 when it is cancelled.',
  ],
  options: OPTIONS,
  operands: { name: 'FILE', description: 'the workflow file', least: 1, most: 1 },
  async run(args, io) {
    const graceMs = args.options.grace === undefined ? 10_000 : parseDuration(args.options.grace);
    if (graceMs === null)
      return refuse(io, [`--grace ${args.options.grace}: expected a duration such as 500ms or 10s`]);
    const plugins = new PluginFolder(args.options.plugins, io);
    try {
      return await run(args, graceMs, plugins, io);
    } finally {
      await plugins.close();
    }
  },
});

async function run(args: ExecArguments, graceMs: number, plugins: PluginFolder, io: CliIO): Promise<number> {
  const { workflow, diagnostics: own, called } = await loadFile(args.operands[0] ?? '', io, plugins);
  const diagnostics = [...own, ...(called?.beyond ?? [])];
  // Remarks are for `validate`; here they would stand between the user and the run.
  await printDiagnostics(
    diagnostics.filter(({ severity }) => severity !== 'info'),
    io.stderr,
  );
  if (!workflow || !isUsable(diagnostics)) return EXIT_USAGE;
  const request = readRequest(workflow, args.options, io);
  if ('problems' in request) return refuse(io, request.problems);
  io.closeInherited();
  const loaded = await plugins.loaded();
  const helpers = new HelperAnswers(loaded?.helpers ?? new Map());
  if (args.options.dryRun) return plan(workflow, request, helpers, args, io);
  const brought = { plugins: loaded?.drivers ?? [], ...(loaded?.helpers.size ? { helpers } : {}) };
  const rest = { graceMs, called: called?.workflows ?? null, ...brought };
  return execute(workflow, request, args, rest, io);
}

async function plan(
  workflow: Workflow,
  request: ExecRequest,
  helpers: HelperAnswers,
  { options }: ExecArguments,
  io: CliIO,
): Promise<number> {
  const { printPlan } = await import('../dry-run.ts');
  const runs = join(execStateDir(options.stateDir, io.env, io.cwd), 'runs');
  const masks = new SecretSet();
  await guardSecrets(request.secretValues, masks, io);
  const wanted = { workflow, request, options, runs, helpers, maxParallel: maxParallel(options.jobs) };
  const problems = await printPlan(wanted, masks, io);
  return problems.length > 0 ? refuse(io, problems) : EXIT_SUCCESS;
}

async function execute(
  workflow: Workflow,
  request: ExecRequest,
  { options }: ExecArguments,
  rest: Pick<ExecOptions, 'graceMs' | 'called' | 'plugins' | 'helpers'>,
  io: CliIO,
): Promise<number> {
  const stateDir = execStateDir(options.stateDir, io.env, io.cwd);
  const runs = join(stateDir, 'runs');
  const header = headerOf(workflow, request);
  const terminal = options.json ? io.stderr : io.stdout;
  const display = new RunDisplay({ terminal, clock: systemClock, tasks: shownTasks(workflow) });
  const masks = new SecretSet();
  const problems = await guardSecrets(request.secretValues, masks, io);
  if (problems.length > 0) return refuse(io, problems);
  const warnings: string[] = [];
  const exec = tryToCompose(stateDir, {
    workflow,
    header,
    runDir: join(runs, header.id),
    workspace: io.cwd,
    masks,
    secretValues: request.secretValues,
    hostEnv: hostVariables(io.env),
    runtimeEnv: options.env,
    maxParallel: maxParallel(options.jobs),
    ...rest,
    clock: systemClock,
    cachePlace: options.noCache ? null : cachePlace(stateDir, io),
    follower: display,
    warn: (message) => warnings.push(message),
    docker: execDocker(io, stateDir),
  });
  if (typeof exec === 'string') return refuse(io, [exec]);
  const stopListening = io.onSignal(() => exec.run.cancel('user'));
  terminal.onClosed(() => exec.run.cancel('user'));
  const result = await exec.execute().finally(stopListening);
  await display.close(result);
  if (options.json) await io.stdout.write(resultJson(result));
  for (const warning of [...warnings, ...forgetOldRuns(runs)])
    await io.stderr.write(`warning: ${harmlessName(warning)}\n`);
  return exitCode(result);
}

/** The run, put together; or why it cannot be. */
function tryToCompose(stateDir: string, options: ExecOptions): ExecRun | string {
  try {
    return composeExec(options);
  } catch (error) {
    if (error instanceof TemplateError) return `env: ${error.message}`;
    if (error instanceof Error && 'syscall' in error) return `cannot keep runs in ${stateDir}: ${error.message}`;
    throw error;
  }
}

function maxParallel(jobs: number | undefined): number {
  return jobs ?? Math.max(2, availableParallelism());
}

// A join only sums up what its instances, which are shown, have done.
function shownTasks({ tasks }: Workflow): string[] {
  return tasks.filter(({ matrix }) => matrix?.kind !== 'join').map(({ name }) => name);
}

function headerOf(workflow: Workflow, request: ExecRequest): RunHeader {
  const createdAt = systemClock.now();
  const { firing, inputs, only } = request;
  return { id: runId(createdAt), number: 1, workflow: workflow.id, firing, inputs, only, createdAt };
}

/** Adds the secrets to the masks; warns of those too short to be masked, returns why the run must not start. */
async function guardSecrets(values: ReadonlyMap<string, string>, masks: SecretSet, io: CliIO): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, value] of values) {
    const result = masks.add(value);
    if (result === 'too-many' || result === 'too-large') problems.push(`secret ${name} cannot be masked: ${result}`);
    if (result !== 'too-short') continue;
    await io.stderr.write(`warning: secret ${name} is shorter than 4 characters and is not masked\n`);
  }
  return problems;
}

async function refuse(io: CliIO, problems: readonly string[]): Promise<number> {
  for (const problem of problems) await io.stderr.write(`runner exec: ${problem}\n`);
  return EXIT_USAGE;
}

function exitCode(result: RunResult): number {
  if (result.status === 'cancelled') return EXIT_CANCELLED;
  return result.status === 'success' ? EXIT_SUCCESS : EXIT_FAILED;
}
