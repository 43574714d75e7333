import { Daemon } from '../client/daemon.ts';
import { explainError } from '../client/explain-error.ts';
import { findTarget } from '../client/target.ts';
import type { CliIO } from '../io.ts';

/** How long a daemon may take to answer, in ms: somebody waits at a prompt. */
const PATIENCE_MS = 1_000;

/** How many of the newest runs are offered. */
const RUNS = 50;

/** The ids of the daemon's workflows that begin with a word; none when no daemon answers. */
export function workflowIds(word: string, io: CliIO): Promise<readonly string[]> {
  return ask(io, async (daemon) => (await daemon.workflows()).workflows.map(({ id }) => id).filter(beginsWith(word)));
}

/** The names of the daemon's newest runs that begin with a word, and as soon as there is one, their ids; none when no daemon answers. */
export function runNames(word: string, io: CliIO): Promise<readonly string[]> {
  return ask(io, async (daemon) => {
    const { runs } = await daemon.runs({ limit: RUNS });
    const ids = word === '' ? [] : runs.map(({ id }) => id);
    const names = runs.map(({ workflow, number }) => `${workflow}#${number}`);
    return [...(runs.length > 0 ? ['last'] : []), ...names, ...ids].filter(beginsWith(word));
  });
}

function beginsWith(word: string): (name: string) => boolean {
  return (name) => name.startsWith(word);
}

/** The daemon asked is the one that a command without options asks. At a prompt nobody wants to read why it does not answer. */
async function ask(io: CliIO, question: (daemon: Daemon) => Promise<readonly string[]>): Promise<readonly string[]> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let daemon: Daemon | null = null;
  try {
    daemon = new Daemon(findTarget({ host: undefined, stateDir: undefined }, io), patience);
    return await question(daemon);
  } catch (error) {
    if (!patience.aborted && (await explainError(error, {}, null)) === null) throw error;
    return [];
  } finally {
    daemon?.close();
  }
}
