import type { RunDetail, TaskView } from '../../model/api.ts';
import type { RunEvent } from '../../model/event.ts';
import type { Stream } from '../../model/ports.ts';
import type { RunResult } from '../../model/run.ts';
import { systemClock } from '../../util/clock.ts';
import type { Session } from '../session.ts';
import { Nudge } from './nudge.ts';
import { createdEvent, endedEvent, phaseEvent, runEnd, startingEvent, workingTasks } from './run-events.ts';
import { tailLog } from './tail-log.ts';
import { watchRun } from './watch-run.ts';

/** Who is shown a run: what `RunDisplay` is to `exec`. */
export interface Audience {
  event(event: RunEvent): void;
  /** A promise holds the output back. */
  output(task: string, attempt: number, stream: Stream, chunk: Uint8Array): void | Promise<void>;
  close(result: RunResult): Promise<void>;
  /** Of a run that goes on, or cannot be followed any more. */
  leave(): Promise<void>;
}

/** What to follow. */
export interface Following {
  readonly run: string;
  /** Whether a task is to be shown. */
  wants(task: string): boolean;
  /** Makes the audience once the run is known. */
  audience(run: RunDetail): Audience;
}

/** Shows a run from its beginning, and as it goes on; resolves with the run once it has ended and all is shown. */
export async function followRun(session: Session, following: Following): Promise<RunDetail> {
  const nudge = new Nudge();
  let follower: RunFollower | null = null;
  let last: RunDetail | null = null;
  try {
    for await (const run of watchRun(session, following.run, nudge)) {
      follower ??= new RunFollower(session, following, run, nudge);
      follower.take(run);
      last = run;
    }
    if (!follower || !last) throw new Error('Internal error: a run was never seen');
    await follower.end(last);
    return last;
  } catch (error) {
    await follower?.leave();
    throw error;
  }
}

/** With more tasks that run, each question for a log must be short: connections are few. */
const FEW = 12;
const LONG_WAIT_S = 20;
const SHORT_WAIT_S = 1;

/** What is known of a task that is followed. */
interface Followed {
  view: TaskView;
  /** The newest attempt that was taken up. */
  attempt: number;
  /** The newest attempt whose start was shown. */
  shown: number;
  hasBegun: boolean;
  isOver: boolean;
  /** What is to be shown of it, one after another. */
  work: Promise<void>;
}

/** Turns what is seen of a run into events, and the logs of its tasks into output between them. */
class RunFollower {
  readonly #session: Session;
  readonly #following: Following;
  readonly #audience: Audience;
  readonly #nudge: Nudge;
  /** A join has attempts to show, of its instances, and starts nothing. */
  readonly #working: ReadonlySet<string>;
  readonly #tasks = new Map<string, Followed>();
  #open = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(session: Session, following: Following, run: RunDetail, nudge: Nudge) {
    this.#session = session;
    this.#following = following;
    this.#nudge = nudge;
    this.#working = new Set(workingTasks(run));
    this.#audience = following.audience(run);
    this.#audience.event(createdEvent(run));
  }

  /** Takes the next state of the run. @throws what went wrong with a log meanwhile */
  take(run: RunDetail): void {
    if (this.#failure) throw this.#failure.error;
    for (const view of run.tasks) {
      if (this.#following.wants(view.name)) this.#takeTask(view, run);
    }
  }

  async end(run: RunDetail): Promise<void> {
    await Promise.all([...this.#tasks.values()].map(({ work }) => work));
    if (this.#failure) throw this.#failure.error;
    const { event, result } = runEnd(run, systemClock.now());
    this.#audience.event(event);
    await this.#audience.close(result);
  }

  leave(): Promise<void> {
    return this.#audience.leave();
  }

  #takeTask(view: TaskView, run: RunDetail): void {
    const followed = this.#tasks.get(view.name) ?? this.#begin(view);
    const { view: before } = followed;
    followed.view = view;
    if (before.phase !== view.phase || before.message !== view.message) this.#tellPhase(followed);
    if (followed.isOver || !(hasBegun(view) || view.phase === 'done')) return;
    if (!followed.hasBegun) this.#then(followed, () => this.#shown(parentsOf(view)));
    followed.hasBegun = true;
    while (this.#working.has(view.name) && followed.attempt < view.attempt) this.#takeUp(followed, ++followed.attempt);
    if (view.phase !== 'done') return;
    followed.isOver = true;
    this.#then(followed, () => this.#audience.event(endedEvent(view, run, systemClock.now())));
  }

  #begin(view: TaskView): Followed {
    const followed = {
      view,
      attempt: Math.max(0, view.attempt - 1),
      shown: 0,
      hasBegun: false,
      isOver: false,
      work: Promise.resolve(),
    };
    this.#tasks.set(view.name, followed);
    return followed;
  }

  /** Lets what ended before a task began be shown before it. */
  async #shown(parents: readonly string[]): Promise<void> {
    await Promise.all(parents.map((name) => this.#tasks.get(name)?.work));
  }

  #takeUp(followed: Followed, attempt: number): void {
    const { name } = followed.view;
    this.#then(followed, async () => {
      this.#audience.event(startingEvent(followed.view, attempt, systemClock.now()));
      followed.shown = attempt;
      this.#tellPhase(followed);
      this.#open++;
      await tailLog(this.#session, {
        run: this.#following.run,
        task: name,
        attempt,
        goesOn: () => !followed.isOver && followed.view.attempt === attempt,
        waitSeconds: () => (this.#open > FEW ? SHORT_WAIT_S : LONG_WAIT_S),
        take: (chunk) => this.#audience.output(name, attempt, 'stdout', chunk),
      });
      this.#open--;
    });
  }

  /** Where it stands is shown as soon as it is known, not when its log is through; but not before its start. */
  #tellPhase({ view, shown }: Followed): void {
    const event = view.attempt === shown ? phaseEvent(view, systemClock.now()) : null;
    if (event) this.#audience.event(event);
  }

  #then(followed: Followed, next: () => void | Promise<void>): void {
    followed.work = followed.work.then(() => (this.#failure ? undefined : next())).catch((error) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#nudge.give();
  }
}

function hasBegun({ phase, started_at: startedAt }: TaskView): boolean {
  return startedAt !== null && phase !== 'pending' && phase !== 'queued';
}

/** A join of a matrix names the whole, which is itself, in place of its combinations. */
function parentsOf({ name, needs }: TaskView): string[] {
  return needs.filter((parent) => parent !== name);
}
