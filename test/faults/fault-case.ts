import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { complaintsAbout, Promises, settledRuns } from '../support/aftermath.ts';
import { DaemonSandbox } from '../support/daemon.ts';
import { WEBHOOK_SECRET } from '../support/deliver.ts';
import type { Scenario, User } from './scenario.ts';

/** What goes wrong, as `test/support/faults.cjs` takes it: program, operation and kind. */
const FAULTS = [
  'daemon:commit:before',
  'daemon:commit:after',
  'daemon:commit:fails',
  'daemon:write:before',
  'daemon:write:fails',
  'executor:write:before',
  'executor:write:fails',
  'executor:spawn:before',
  'executor:spawn:after',
  'executor:spawn:fails',
] as const;

/** The faults that a scenario may meet. */
export function faultsIn({ program }: Scenario): readonly string[] {
  return FAULTS.filter((fault) => fault.startsWith(program ?? ''));
}

/** How often a user tries before it gives up; a fault happens once. */
const TRIES = 6;

/** How long anything may take, in ms, on a machine that is busy. */
const PATIENCE_MS = 20_000;

/** What came of a scenario with a fault. */
export interface FaultReport {
  /** Empty when every promise was kept. */
  readonly complaints: readonly string[];
  /** False when the scenario was through before the fault's turn had come. */
  readonly wasReached: boolean;
}

/** Plays a scenario while the Nth operation of a kind goes wrong, once, and asks afterwards whether every promise was kept. */
export async function playWithFault(
  t: TestContext,
  scenario: Scenario,
  fault: string,
  nth: number,
): Promise<FaultReport> {
  // Released at once: there are many.
  const clearing: (() => unknown)[] = [];
  const sandbox = new DaemonSandbox({ after: (clear: unknown) => void clearing.push(clear as () => unknown) });
  const marker = join(sandbox.folder, 'fault-came');
  try {
    for (const [id, yaml] of Object.entries(scenario.workflows(sandbox))) sandbox.write(id, yaml);
    const complaints = await play(sandbox, scenario, `${fault}:${nth}:${marker}`);
    return { complaints, wasReached: existsSync(marker) };
  } catch (error) {
    return { complaints: [String(error)], wasReached: existsSync(marker) };
  } finally {
    for (const clear of clearing) await clear();
    t.signal.throwIfAborted();
  }
}

async function play(sandbox: DaemonSandbox, scenario: Scenario, fault: string): Promise<readonly string[]> {
  const [promises, memory] = [new Promises(), new Map<string, string>()];
  const env = { RUNNER_GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET, RUNNER_GRACE: '100ms', ...scenario.env?.(sandbox) };
  if (scenario.prepare) {
    const earlier = await sandbox.start([], env);
    await scenario.prepare({ sandbox, promises, memory, daemon: earlier });
    await earlier.kill();
  }
  const preload = `--require ${resolve('test/support/faults.cjs')}`;
  let daemon = sandbox.launch([], { ...env, NODE_OPTIONS: preload, FAULT: fault });
  for (let tries = 1; ; tries++) {
    const user: User = { sandbox, promises, memory, daemon };
    const trouble = (await troubleWith(scenario, user)) ?? (await verdictOn(scenario, user));
    if (typeof trouble !== 'string') return trouble;
    await Promise.race([daemon.ended, pause()]);
    if (tries === TRIES) return [`given up after ${tries} tries: ${trouble}`, daemon.stderr];
    if (daemon.isOver) daemon = sandbox.launch([], env);
  }
}

/** A daemon that has just died is not known to be dead yet, and what could not be written is tried again after a while. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_500));
}

/** Whether every promise was kept; in words when the daemon was gone over the question. */
async function verdictOn(scenario: Scenario, user: User): Promise<readonly string[] | string> {
  const { sandbox, daemon, promises } = user;
  try {
    const runs = await settledRuns(daemon, PATIENCE_MS);
    const all = await complaintsAbout(sandbox, daemon, promises, runs);
    return [...all, ...((await scenario.check?.(user)) ?? [])];
  } catch (error) {
    return String(error);
  }
}

/** What went wrong for the user, or null. */
async function troubleWith(scenario: Scenario, user: User): Promise<string | null> {
  const { daemon } = user;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it took too long'), PATIENCE_MS);
  });
  const gone = daemon.ended.then(() => 'the daemon is gone');
  const driven = daemon
    .said('ready')
    .then(() => scenario.drive(user))
    .then(
      () => null,
      (error) => String(error),
    );
  try {
    return await Promise.race([driven, gone, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
