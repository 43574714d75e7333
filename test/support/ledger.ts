/** What tasks did, told by themselves: `S` when one begins and `E` when it is through, each with run, task and attempt. */
export interface LedgerEntry {
  readonly mark: 'S' | 'E';
  readonly run: string;
  readonly task: string;
  readonly attempt: string;
}

/** Shell lines that write an entry; the ledger's path stands in `$LEDGER`, and in a matrix `(axis=value)` in `$COMBINATION`. */
export const LEDGER_START = 'echo "S $RUNNER_RUN_ID $RUNNER_TASK$COMBINATION $RUNNER_ATTEMPT" >> "$LEDGER"';
/** See `LEDGER_START`. */
export const LEDGER_END = 'echo "E $RUNNER_RUN_ID $RUNNER_TASK$COMBINATION $RUNNER_ATTEMPT" >> "$LEDGER"';

/** Reads the lines of a ledger. */
export function readLedger(lines: readonly string[]): LedgerEntry[] {
  return lines.map((line) => {
    const [mark = '', run = '', task = '', attempt = ''] = line.split(' ');
    if (mark !== 'S' && mark !== 'E') throw new Error(`not a ledger entry: ${line}`);
    return { mark, run, task, attempt };
  });
}

/** Entries that stand in the ledger more than once: a task that was started, or ended, twice. */
export function doubled(entries: readonly LedgerEntry[]): string[] {
  const seen = new Set<string>();
  return entries.flatMap((entry) => {
    const text = `${entry.mark} ${attemptOf(entry)}`;
    if (seen.has(text)) return [text];
    seen.add(text);
    return [];
  });
}

/** How many attempts were seen at work at the same time at most. Of one that never came through nobody knows how long it was. */
export function mostAtOnce(entries: readonly LedgerEntry[]): number {
  const through = new Set(entries.filter(({ mark }) => mark === 'E').map(attemptOf));
  let [now, most] = [0, 0];
  for (const entry of entries) {
    if (!through.has(attemptOf(entry))) continue;
    now += entry.mark === 'S' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

function attemptOf({ run, task, attempt }: LedgerEntry): string {
  return `${run} ${task} ${attempt}`;
}
