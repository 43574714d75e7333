import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Promises } from '../support/aftermath.ts';
import type { DaemonSandbox, RunningDaemon } from '../support/daemon.ts';
import { LEDGER_END, LEDGER_START } from '../support/ledger.ts';

/** One thing users do, and what they expect of it whatever goes wrong meanwhile. */
export interface Scenario {
  readonly name: string;
  /** Why it cannot be played here, or false. */
  readonly skip?: string | false;
  /** The program that faults reach in it, where it is one alone. */
  readonly program?: 'daemon';
  /** What its daemons need in their environment; asked for once. */
  env?(sandbox: DaemonSandbox): Readonly<Record<string, string>>;
  workflows(sandbox: DaemonSandbox): Readonly<Record<string, string>>;
  /** What an earlier daemon did, before it was killed; nothing goes wrong in that. */
  prepare?(user: User): Promise<void>;
  /** Does it to a daemon that may fail at any moment; then it is done again, to the next one, as a user would. */
  drive(user: User): Promise<void>;
  /** What else must hold in the end, in words where it does not. */
  check?(user: User): Promise<readonly string[]>;
}

/** Who works with a daemon. */
export interface User {
  readonly sandbox: DaemonSandbox;
  readonly promises: Promises;
  /** What the scenario itself remembers from one daemon to the next. */
  readonly memory: Map<string, string>;
  readonly daemon: RunningDaemon;
}

/** A workflow of tasks that tell when they begin and when they are through: name, work, and keys of the task. */
export function tasks(sandbox: DaemonSandbox, ...list: readonly (readonly [string, string, string?])[]): string {
  const go = join(sandbox.folder, 'go');
  const head = `env: { LEDGER: ${JSON.stringify(sandbox.ledger)}, GO: ${JSON.stringify(go)} }\ntaskGroup:\n`;
  const task = ([name, work, keys = '']: readonly [string, string, string?]): string =>
    `  - name: ${name}\n    run: |\n      ${LEDGER_START}\n      ${work}\n      ${LEDGER_END}\n${keys && `    ${keys}\n`}`;
  return head + list.map(task).join('');
}

/** Starts a run, which is then promised. */
export async function start({ daemon, promises }: User, workflow: string): Promise<string> {
  const run = await daemon.run(workflow);
  promises.runs.add(run);
  return run;
}

/** Starts a run and waits for its end. */
export async function runToEnd(user: User, workflow: string): Promise<void> {
  await user.daemon.wait(await start(user, workflow));
}

/** Whether a run is over. */
export async function hasEnded(daemon: RunningDaemon, run: string): Promise<boolean> {
  return (await daemon.ask('GET', `/api/v1/runs/${run}`)).body.ended_at !== null;
}

/** Throws when an answer is none of these. */
export function expect(...wanted: readonly number[]): (answer: { readonly status: number }) => void {
  return (answer) => {
    if (!wanted.includes(answer.status)) throw new Error(`unexpected answer: ${JSON.stringify(answer)}`);
  };
}

/** Resolves once something holds that nobody tells of. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}
