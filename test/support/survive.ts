import assert from 'node:assert/strict';
import type { Request } from '../../src/engine/admission/wish.ts';
import type { EventOf, RunEvent } from '../../src/model/event.ts';
import type { TaskEnd } from '../../src/model/run.ts';
import type { Workflow } from '../../src/model/workflow.ts';
import type { Fate } from './mortal-database.ts';
import { SchedulerRig } from './scheduler-rig.ts';
import type { World } from './world.ts';

/** Something that happens to a daemon, which must come to the same end whenever the daemon dies. */
export interface Scenario {
  readonly workflows: readonly Workflow[];
  world(): World;
  /** What is asked for, again and again until it is accepted, as a trigger or a sender does. */
  request(rig: SchedulerRig): Request;
  /** What happens in each turn besides. */
  act?(rig: SchedulerRig): void;
  /** What happens to processes while nobody looks. */
  onDeath?(world: World): void;
}

/** What came of a scenario. */
export interface Survived {
  readonly rig: SchedulerRig;
  /** `workflow task: status/reason` of every task of every run, sorted. */
  readonly ends: readonly string[];
  /** False when the scenario was over before the fault. */
  readonly hadFault: boolean;
}

/** More than any scenario takes. */
const MOST_TURNS = 2_000;

/** Plays a scenario to its end on a machine whose first daemon meets a fault at its nth commit, and then the oracle's questions. */
export async function survive(scenario: Scenario, fault: Exclude<Fate, 'ok'>, nth: number): Promise<Survived> {
  const rig = new SchedulerRig({ world: scenario.world(), workflows: scenario.workflows });
  try {
    let hadFault = false;
    let isDead = false;
    const fate = (commit: number): Fate => {
      if (commit !== nth) return 'ok';
      hadFault = true;
      return fault;
    };
    rig.daemon(fate, () => {
      isDead = true;
      scenario.onDeath?.(rig.world);
    });
    await play(rig, scenario, () => isDead);
    if (isDead) {
      rig.daemon();
      await rig.scheduler.recover();
      await play(rig, scenario, () => false);
    }
    const ends = await examine(rig);
    return { rig, ends, hadFault };
  } finally {
    rig.remove();
  }
}

/** Plays it with the same fault at each of its commits in turn, until it meets none. Calls back with what came of each. */
export async function surviveAlways(
  scenario: Scenario,
  fault: Exclude<Fate, 'ok'>,
  check: (survived: Survived, nth: number) => void,
): Promise<number> {
  for (let nth = 1; ; nth += 1) {
    const survived = await survive(scenario, fault, nth);
    check(survived, nth);
    if (!survived.hadFault) return nth - 1;
  }
}

async function play(rig: SchedulerRig, scenario: Scenario, isDead: () => boolean): Promise<void> {
  let asked = 'no' as 'no' | 'waiting' | 'accepted';
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    if (isDead()) return;
    if (asked === 'no') {
      asked = 'waiting';
      rig.scheduler.decide(scenario.request(rig)).then(
        () => {
          asked = 'accepted';
        },
        () => {
          asked = 'no';
        },
      );
    }
    scenario.act?.(rig);
    rig.clock.advance(250);
    await new Promise((resolve) => setImmediate(resolve));
    if (asked === 'accepted' && rig.scheduler.running + rig.scheduler.queued === 0) return;
  }
  assert.fail('the scenario does not come to its end');
}

/** The oracle of reliability 2.0. */
async function examine(rig: SchedulerRig): Promise<string[]> {
  const { starts, alive } = rig.world;
  assert.deepEqual(rig.broken, []);
  assert.equal(new Set(starts).size, starts.length, 'an attempt was started twice');
  assert.deepEqual(alive, [], 'a process is left');
  assert.deepEqual(await rig.state.unfinishedRuns(), []);
  const { runs } = await rig.state.runs({ limit: 1_000 });
  const firings = await rig.state.firings({ limit: 1_000 });
  const keys = firings.flatMap(({ workflow, trigger, key }) => (key === null ? [] : [`${workflow} ${trigger} ${key}`]));
  assert.equal(new Set(keys).size, keys.length, 'an occasion was decided twice');
  const fired = firings.flatMap(({ run }) => run ?? []);
  assert.deepEqual(
    fired.sort(),
    runs.map(({ header }) => header.id).sort(),
    'a run without its decision, or the reverse',
  );
  const ends: string[] = [];
  for (const { header } of runs) {
    const events = await rig.state.events(header.id);
    examineStarts(header.id, events, starts);
    ends.push(...endsOf(events).map(([task, end]) => `${header.workflow} ${task}: ${textOf(end)}`));
  }
  return ends.sort();
}

function examineStarts(run: string, events: readonly RunEvent[], starts: readonly string[]): void {
  const begun = events.filter((event): event is EventOf<'task-starting'> => event.type === 'task-starting');
  const keys = begun.map(({ task, attempt }) => `${run}/${task}/${attempt}`);
  assert.equal(new Set(keys).size, keys.length, 'an attempt began twice');
  const ofRun = starts.filter((start) => start.startsWith(`${run}/`));
  assert.ok(
    ofRun.every((start) => keys.includes(start)),
    'something was started that was not durable',
  );
  for (const [task, end] of endsOf(events)) {
    if (end.status !== 'success') continue;
    const last = begun.filter((event) => event.task === task).length;
    assert.ok(ofRun.includes(`${run}/${task}/${last}`), `${task} succeeded and was never started`);
  }
}

function endsOf(events: readonly RunEvent[]): [string, TaskEnd][] {
  return events.flatMap((event) => (event.type === 'task-ended' ? [[event.task, event.end]] : []));
}

function textOf(end: TaskEnd): string {
  return 'reason' in end ? `${end.status}/${end.reason}` : end.status;
}
