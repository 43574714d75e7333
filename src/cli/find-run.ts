import type { RunView } from '../model/api.ts';
import type { Daemon } from './client/daemon.ts';
import { Refusal, UsageError } from './client/daemon-error.ts';
import type { Session } from './session.ts';

/** How help describes the operand. */
export const RUN_OPERAND =
  'an id or its beginning, WORKFLOW#NUMBER, WORKFLOW for its newest run, or "last" for the newest of all';

/** The id of the run that a word means: see `RUN_OPERAND`. @throws {UsageError} when there is none, and what `Daemon` throws. */
export async function findRun(word: string, session: Session): Promise<string> {
  const { daemon } = session;
  if (ID.test(word)) return word.toLowerCase();
  if (ID_OR_BEGINNING.test(word)) {
    const id = await findById(word, daemon);
    if (id !== null) return id;
  }
  if (word === 'last') return newest(await daemon.runs({ limit: 1 }), 'there are no runs yet');
  const [, workflow = word, number] = /^(.+)#(\d{1,15})$/.exec(word) ?? [];
  session.about({ workflow });
  return number === undefined ? newestOf(workflow, daemon) : findByNumber(workflow, Number(number), daemon);
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids are UUIDs; eight characters of one are the least the daemon takes. */
const ID_OR_BEGINNING = /^[0-9a-f]{8}[0-9a-f-]{0,28}$/i;

/** Runs asked for at once on the way to a number. */
const PAGE = 200;

async function findById(word: string, daemon: Daemon): Promise<string | null> {
  try {
    return (await daemon.run(word.toLowerCase())).id;
  } catch (error) {
    // It may be a workflow whose name looks like an id.
    if (error instanceof Refusal && error.code === 'unknown-run' && !word.includes('-')) {
      const { workflows } = await daemon.workflows();
      if (workflows.some(({ id }) => id === word)) return null;
    }
    throw error;
  }
}

async function newestOf(workflow: string, daemon: Daemon): Promise<string> {
  const list = await daemon.runs({ workflow, limit: 1 });
  if (list.runs.length === 0) await daemon.workflow(workflow);
  return newest(list, `workflow "${workflow}" has no runs yet`);
}

function newest({ runs: [run] }: { readonly runs: readonly RunView[] }, otherwise: string): string {
  if (run === undefined) throw new UsageError(otherwise);
  return run.id;
}

/** Goes back from the newest run; numbers only grow. */
async function findByNumber(workflow: string, number: number, daemon: Daemon): Promise<string> {
  let before: string | undefined;
  for (;;) {
    const { runs, more } = await daemon.runs({ workflow, limit: PAGE, ...(before === undefined ? {} : { before }) });
    const found = runs.find((run) => run.number === number);
    if (found) return found.id;
    const oldest = runs.at(-1);
    if (before === undefined && oldest === undefined) await daemon.workflow(workflow);
    if (!more || oldest === undefined || oldest.number < number) {
      throw new UsageError(`workflow "${workflow}" has no run ${number}, or it is forgotten`);
    }
    before = oldest.id;
  }
}
