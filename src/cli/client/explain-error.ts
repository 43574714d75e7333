import { nearest } from '../../util/nearest.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE } from '../exit-code.ts';
import type { Daemon } from './daemon.ts';
import { Refusal, Unreachable, UsageError } from './daemon-error.ts';

/** The names that a request is about, as the user typed them. */
export interface Topic {
  readonly workflow?: string;
  readonly run?: string;
  readonly task?: string;
  readonly secret?: string;
}

/** An error in one line, and the exit code for it. */
export interface Explained {
  readonly text: string;
  readonly code: number;
}

/** The longest message of a daemon that is shown: it may list names. */
const LONGEST = 2000;

/** What the user is told about an error of a daemon or of reaching it; null for an error of ours. */
export async function explainError(error: unknown, topic: Topic, daemon: Daemon | null): Promise<Explained | null> {
  if (error instanceof UsageError) return { text: harmlessName(error.message), code: EXIT_USAGE };
  if (error instanceof Unreachable) return { text: unreachableText(error), code: EXIT_UNREACHABLE };
  if (!(error instanceof Refusal)) return null;
  const suggestion = daemon ? await suggestionFor(error, topic, daemon) : undefined;
  const advice = suggestion === undefined ? '' : `; did you mean "${harmlessName(suggestion)}"?`;
  return { text: `${refusalText(error)}${advice}`, code: refusalCode(error) };
}

function unreachableText({ message, wasThere }: Unreachable): string {
  if (wasThere) return `lost the daemon at ${harmlessName(message)}; what it has begun goes on`;
  const advice = 'start it with "runnerd", or name another with --state-dir or --host';
  return `cannot reach the daemon at ${harmlessName(message)}; ${advice}`;
}

function refusalText({ status, message, requestId }: Refusal): string {
  const text = harmlessName(message, LONGEST);
  if (status === 401) return `${text}; set RUNNER_TOKEN to what the file "token" in the daemon's state directory holds`;
  return status >= 500 && status !== 503 ? `the daemon failed: ${text} (request ${harmlessName(requestId)})` : text;
}

/** What was typed is wrong, or it cannot be done as things are now. */
function refusalCode({ status }: Refusal): number {
  return status >= 400 && status < 500 && status !== 409 && status !== 429 ? EXIT_USAGE : EXIT_FAILED;
}

async function suggestionFor(error: Refusal, topic: Topic, daemon: Daemon): Promise<string | undefined> {
  if (error.message.includes('did you mean')) return undefined;
  try {
    const known = await knownNames(error.code, topic, daemon);
    return known && nearest(known.word, known.names);
  } catch {
    // The error stands; a suggestion would only have been kind.
    return undefined;
  }
}

async function knownNames(
  code: string,
  { workflow, run, task, secret }: Topic,
  daemon: Daemon,
): Promise<{ readonly word: string; readonly names: readonly string[] } | undefined> {
  if (code === 'unknown-workflow' && workflow !== undefined) {
    return { word: workflow, names: (await daemon.workflows()).workflows.map(({ id }) => id) };
  }
  if (code === 'unknown-task' && run !== undefined && task !== undefined) {
    return { word: task, names: (await daemon.run(run)).tasks.map(({ name }) => name) };
  }
  if (code === 'unknown-secret' && secret !== undefined) {
    return { word: secret, names: (await daemon.secrets()).secrets.map(({ name }) => name) };
  }
  return undefined;
}
