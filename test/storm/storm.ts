import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { complaintsAbout, gapsBetweenSlots, Promises, settledRuns } from '../support/aftermath.ts';
import { DaemonSandbox, executorsOf, type RunningDaemon } from '../support/daemon.ts';
import { deliverPush, WEBHOOK_SECRET } from '../support/deliver.ts';
import { DOCKER_SOCKET } from '../support/docker.ts';
import { DockerSandbox } from '../support/docker-sandbox.ts';
import { mostAtOnce, readLedger } from '../support/ledger.ts';
import { randomFrom } from '../support/random.ts';
import { EXCLUSIVE, FAN, type StormMaterial, stormWorkflows } from './workflows.ts';

/** How many tasks may be at work at once. */
const MAX_PARALLEL = 6;

const ENV = {
  RUNNER_GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
  RUNNER_GRACE: '300ms',
  RUNNER_DRAIN: '200ms',
  RUNNER_MAX_PARALLEL: String(MAX_PARALLEL),
};

/** What a storm left behind. */
export interface Aftermath {
  /** Empty when every promise was kept. */
  readonly complaints: readonly string[];
  readonly summary: string;
}

/** Random work on a daemon that is killed again and again. */
export class Storm {
  readonly #sandbox: DaemonSandbox;
  readonly #material: StormMaterial;
  readonly #random: () => number;
  readonly #promises = new Promises();
  readonly #complaints: string[] = [];
  /** What was done to it, and how often. */
  readonly #done = new Map<string, number>();
  /** Which workflows were paused, or let go on, last, as far as that was answered. */
  readonly #paused = new Map<string, boolean>();
  #edition = 0;

  /** With an image there are tasks in containers too. */
  constructor(t: TestContext, seed: number, image: string | null = null) {
    this.#sandbox = image === null ? new DaemonSandbox(t) : new DockerSandbox(t);
    this.#material = { ledger: this.#sandbox.ledger, image };
    this.#random = randomFrom(seed);
    writeFileSync(this.#sandbox.ledger, '');
    for (const [id, yaml] of Object.entries(stormWorkflows(this.#material))) this.#sandbox.write(id, yaml);
  }

  /** Lets work go on, and ends the daemon so often. */
  async rage(kills: number): Promise<void> {
    for (let kill = 0; kill < kills; kill++) {
      const daemon = this.#launch();
      const ready = daemon.said('ready').catch(() => undefined);
      if (this.#random() < 0.15) await Promise.race([ready, pause(this.#upTo(400))]);
      else await ready;
      const work = daemon.address ? this.#work(daemon) : Promise.resolve();
      await pause(this.#upTo(900));
      await this.#end(daemon);
      await work;
      await ready;
    }
  }

  /** Starts the daemon once more, waits until all is over, and compares promises with facts. */
  async settle(): Promise<Aftermath> {
    const daemon = this.#launch();
    await daemon.said('ready');
    for (const [id, paused] of this.#paused) {
      const { body } = await daemon.ask('GET', `/api/v1/workflows/${id}`);
      if (body.paused !== paused) this.#complaints.push(`${id} is ${body.paused ? '' : 'not '}paused`);
    }
    for (const id of ['tick', 'shy']) await daemon.ask('POST', `/api/v1/workflows/${id}/pause`);
    const runs = await settledRuns(daemon, 90_000);
    const complaints = [
      ...this.#complaints,
      ...(await complaintsAbout(this.#sandbox, daemon, this.#promises, runs)),
      ...(await gapsBetweenSlots(daemon, 1_000)),
      ...(this.#sandbox instanceof DockerSandbox ? this.#sandbox.containers() : []).map((name) => `left: ${name}`),
      ...this.#crowds(runs.filter(({ workflow }) => workflow === FAN.workflow).map(({ id }) => id)),
      ...this.#overlaps(new Map(runs.map(({ id, workflow }) => [id, workflow]))),
    ];
    const { runs: promised, deliveries } = this.#promises;
    const failed = runs.filter(({ status }) => status === 'failed').length;
    const done = [...this.#done].map(([what, times]) => `${what} ${times}`).sort();
    const summary = `${runs.length} runs (${failed} failed), ${promised.size} promised, ${deliveries.size} deliveries; ${done.join(', ')}`;
    return { complaints, summary };
  }

  #launch(): RunningDaemon {
    const docker = { RUNNER_DOCKER_SOCKET: DOCKER_SOCKET, RUNNER_DOCKER_VOLUMES: this.#sandbox.ledger };
    return this.#sandbox.launch([], { ...ENV, ...docker });
  }

  #upTo(ms: number): number {
    return Math.floor(this.#random() * ms);
  }

  #oneOf<T>(list: readonly T[]): T | undefined {
    return list[this.#upTo(list.length)];
  }

  #note(what: string): void {
    this.#done.set(what, (this.#done.get(what) ?? 0) + 1);
  }

  /** Wishes of all kinds until the daemon is gone. Only what was answered counts as promised. */
  async #work(daemon: RunningDaemon): Promise<void> {
    // By hand, runs may overlap those of a schedule.
    const names = Object.keys(stormWorkflows(this.#material)).filter((name) => name !== 'shy');
    for (let wish = 0; wish < 12; wish++) {
      const choice = this.#random();
      try {
        if (choice < 0.4) this.#promise(await this.#start(daemon, this.#oneOf(names) ?? 'graph'));
        else if (choice < 0.65) await this.#deliver(daemon);
        else if (choice < 0.75) await this.#cancelOne(daemon);
        else if (choice < 0.85) this.#promise(await this.#rerunOne(daemon));
        else if (choice < 0.87) await this.#pauseOne(daemon, this.#oneOf(['tick', 'many']) ?? 'tick');
        else if (choice < 0.92) this.#edit(this.#oneOf(names) ?? 'graph');
        else if (choice < 0.96) await this.#startSecond();
        else await this.#holdExecutor();
      } catch {
        // The daemon was killed before it could answer: then it has promised nothing.
        return;
      }
      await pause(this.#upTo(60));
    }
  }

  async #start(daemon: RunningDaemon, workflow: string): Promise<string | null> {
    this.#note('start');
    const { status, body } = await daemon.ask('POST', `/api/v1/workflows/${workflow}/runs`, {});
    return status === 201 ? body.id : null;
  }

  #promise(run: string | null): void {
    if (run !== null) this.#promises.runs.add(run);
  }

  async #rerunOne(daemon: RunningDaemon): Promise<string | null> {
    const run = this.#oneOf([...this.#promises.runs]);
    if (run === undefined) return null;
    this.#note('rerun');
    const { status, body } = await daemon.ask('POST', `/api/v1/runs/${run}/rerun`, { failed: this.#random() < 0.5 });
    return status === 201 ? body.id : null;
  }

  async #cancelOne(daemon: RunningDaemon): Promise<void> {
    const run = this.#oneOf([...this.#promises.runs].slice(-4));
    if (run === undefined) return;
    this.#note('cancel');
    const task = this.#random() < 0.3 ? '/tasks/first' : '';
    await daemon.ask('POST', `/api/v1/runs/${run}${task}/cancel`, {});
  }

  /** Until it is answered nobody knows which of both holds; what is refused changes nothing. */
  async #pauseOne(daemon: RunningDaemon, workflow: string): Promise<void> {
    const paused = this.#random() < 0.5;
    this.#note('pause');
    const before = this.#paused.get(workflow);
    this.#paused.delete(workflow);
    const { status } = await daemon.ask('POST', `/api/v1/workflows/${workflow}/${paused ? 'pause' : 'resume'}`);
    if (status < 300) this.#paused.set(workflow, paused);
    else if (before !== undefined) this.#paused.set(workflow, before);
  }

  /** A new delivery, or one that came before. */
  async #deliver(daemon: RunningDaemon): Promise<void> {
    const earlier = this.#random() < 0.2 ? this.#oneOf([...this.#promises.deliveries.keys()]) : undefined;
    const id = earlier ?? randomUUID();
    this.#note('deliver');
    const { status, text } = await deliverPush(daemon.address, id);
    // It may be stopping.
    if (status === 503) return;
    if (status >= 400) throw this.#complain(`a delivery was refused: ${status} ${text}`);
    const runs = JSON.parse(text).runs as string[];
    const before = this.#promises.deliveries.get(id);
    if (before && before.join() !== runs.join()) this.#complaints.push(`delivery ${id} made ${before}, then ${runs}`);
    this.#promises.deliveries.set(id, runs);
  }

  #complain(what: string): Error {
    this.#complaints.push(what);
    return new Error(what);
  }

  #edit(workflow: string): void {
    this.#note('edit');
    this.#edition += 1;
    this.#sandbox.write(workflow, stormWorkflows(this.#material, this.#edition)[workflow] ?? '');
  }

  async #startSecond(): Promise<void> {
    this.#note('second daemon');
    const second = this.#launch();
    // The first may be killed meanwhile: then the second has the state.
    await Promise.race([second.ended, second.said('ready').catch(() => undefined)]);
    await second.kill();
  }

  /** The executor stands still for a moment, as on a machine that swaps. */
  async #holdExecutor(): Promise<void> {
    this.#note('executor held');
    const pids = executorsOf(this.#sandbox.folder);
    for (const pid of pids) trySignal(pid, 'SIGSTOP');
    await pause(this.#upTo(300));
    for (const pid of pids) trySignal(pid, 'SIGCONT');
  }

  async #end(daemon: RunningDaemon): Promise<void> {
    const choice = this.#random();
    if (choice < 0.55) this.#killExecutors();
    if (choice < 0.4) await pause(this.#upTo(600));
    if (choice > 0.9) {
      this.#note('TERM');
      daemon.signal('SIGTERM');
      await daemon.ended;
    } else {
      this.#note('daemon killed');
      await daemon.kill();
    }
  }

  #killExecutors(): void {
    this.#note('executor killed');
    for (const pid of executorsOf(this.#sandbox.folder)) trySignal(pid, 'SIGKILL');
  }

  /** More at work than `max_parallel` allows: in all, or in a matrix of one of these runs. */
  #crowds(fans: readonly string[]): string[] {
    const entries = readLedger(this.#sandbox.ledgerLines());
    const inAll = mostAtOnce(entries);
    const crowded = fans.filter((id) => mostAtOnce(entries.filter(({ run }) => run === id)) > FAN.most);
    return [
      ...(inAll > MAX_PARALLEL ? [`${inAll} tasks at once`] : []),
      ...crowded.map((id) => `too many combinations at once in ${id}`),
    ];
  }

  /** Runs that must not overlap, by what their tasks wrote: one began while another had begun and was not through. */
  #overlaps(workflowOf: ReadonlyMap<string, string>): string[] {
    const complaints: string[] = [];
    for (const workflow of EXCLUSIVE) {
      let open: string | null = null;
      for (const { mark, run } of readLedger(this.#sandbox.ledgerLines())) {
        if (workflowOf.get(run) !== workflow) continue;
        // What begins after another was through, or was ended without being through, is as it should be.
        if (mark === 'E' && open !== run) complaints.push(`overlap in ${workflow}: ${run} went on while ${open} ran`);
        open = mark === 'S' ? run : null;
      }
    }
    return complaints;
  }
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone by itself.
  }
}
