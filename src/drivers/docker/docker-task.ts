import { Readable } from 'node:stream';
import type { Clock, DriverIO, EndRequest, Job } from '../../model/ports.ts';
import type { Exit } from '../../model/run.ts';
import { pause } from '../../util/clock.ts';
import { removeTree } from '../../util/remove-tree.ts';
import { removePlaced } from '../injected-files.ts';
import { Container, type ContainerState, inspectContainer } from './container.ts';
import {
  type ContainerOwner,
  containerName,
  containerRequest,
  homeOf,
  labelsOf,
  outputFilesOf,
} from './container-request.ts';
import { type DockerSpec, readSpec, type Volume } from './container-spec.ts';
import { exitOf, lostExit, shortId } from './docker-exit.ts';
import { endContainer } from './end-container.ts';
import { keepEnd, readEnd } from './end-record.ts';
import { type EngineClient, EngineError } from './engine-client.ts';
import { engineWords, type Failure, startFailure } from './engine-words.ts';
import { makeReady, usualUserAt } from './make-ready.ts';
import { passOutput, type StreamBytes } from './output-frames.ts';
import { watchPauses } from './pause-watch.ts';
import { type DockerPolicy, judgeWishes } from './policy.ts';
import { isOurs, provision } from './provision.ts';

/** What all tasks of a driver have in common. */
export interface DockerPlace {
  readonly engine: EngineClient;
  readonly clock: Clock;
  /** Marks our containers; no other is ever touched. */
  readonly owner: ContainerOwner;
  readonly policy: DockerPolicy;
  /** Whether another process may take up what this one began. */
  readonly isAdoptable: boolean;
}

const NEVER_STARTED: Exit = { kind: 'signaled', signal: 'SIGTERM', notes: ['ended before it started'] };

/** How long an engine that does not answer is left alone, in ms. */
const REACH_AGAIN_MS = 500;

/** One attempt of one task, in a container. */
export class DockerTask {
  readonly #place: DockerPlace;
  readonly #job: Job;
  readonly #io: DriverIO;
  readonly #spec: DockerSpec;
  /** What was handed over, so that nothing is twice when the connection to the engine breaks. */
  readonly #handed: StreamBytes = { stdout: 0, stderr: 0 };
  readonly #notes: string[] = [];
  #isTold = false;

  constructor(place: DockerPlace, job: Job, io: DriverIO) {
    this.#place = place;
    this.#job = job;
    this.#io = io;
    this.#spec = readSpec(job);
  }

  /** From the image to the last trace. */
  async run(): Promise<Exit> {
    if (this.#io.signal.aborted) return NEVER_STARTED;
    const volumes = judgeWishes(this.#spec, this.#place.policy, this.#place.engine.socketPath);
    if (!Array.isArray(volumes)) return volumes;
    this.#io.phase('provisioning');
    return this.#thenCleanUp(
      async () =>
        (await makeReady(this.#job, this.#spec, this.#place.policy.taskUser)) ?? this.#provisionAndRun(volumes),
    );
  }

  /** Takes up what an earlier process began. It is never begun again, unless the engine says that it has not begun. */
  recover(id: string | null): Promise<Exit> {
    return this.#thenCleanUp(async () => {
      const name = containerName(this.#job);
      const end = await readEnd(this.#job);
      const state = await this.#reach(id ?? name);
      if (state === 'given up') return this.#outOfReach(id ?? name);
      if (state === null || !isOurs(state.labels, this.#labels())) return end ?? lostExit('its container is gone');
      const container = new Container(this.#place.engine, state.id);
      return end === null ? this.#attend(container, state) : this.#removeAfter(container, end);
    });
  }

  async #provisionAndRun(volumes: readonly Volume[]): Promise<Exit> {
    const { engine, clock, owner, policy, isAdoptable } = this.#place;
    const usualUser = await usualUserAt(engine.socketPath, policy.taskUser);
    const request = { owner, keepsOutput: isAdoptable, volumes, usualUser };
    const { signal } = this.#io;
    const provisioned = await provision({
      engine,
      clock,
      spec: this.#spec,
      name: containerName(this.#job),
      labels: this.#labels(),
      request: containerRequest(this.#job, this.#spec, request),
      signal,
      tell: (progress) => this.#io.phase('provisioning', progress),
    }).catch((error) => {
      if (signal.aborted && !(error instanceof EngineError)) return NEVER_STARTED;
      throw error;
    });
    if (provisioned.kind !== 'provisioned') return provisioned;
    this.#notes.push(...provisioned.notes);
    return this.#attend(new Container(engine, provisioned.id), null);
  }

  /** Sees a container to its end, and takes it away. `state` is null for one that was just made. */
  async #attend(container: Container, state: ContainerState | null): Promise<Exit> {
    let exit: Exit;
    try {
      exit = await this.#follow(container, state);
    } catch (error) {
      await container.remove();
      throw error;
    }
    if (this.#place.isAdoptable) await keepEnd(this.#job, exit);
    return this.#removeAfter(container, exit);
  }

  async #removeAfter(container: Container, exit: Exit): Promise<Exit> {
    this.#io.phase('deprovisioning');
    try {
      await container.remove();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const words = engineWords(error, this.#place.engine.socketPath);
      this.#notes.push(`the container ${shortId(container.id)} was not removed: ${words}`);
    }
    return withNotes(exit, this.#notes);
  }

  /** Follows a container to its end, also when the engine is restarted meanwhile. */
  async #follow(container: Container, first: ContainerState | null): Promise<Exit> {
    for (let state = first; ; ) {
      try {
        return await this.#followOnce(container, state === null || state.status === 'created');
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        if (!error.isUnreachable && error.status !== 404) throw error;
      }
      const found = await this.#reach(container.id);
      if (found === 'given up') return this.#outOfReach(container.id);
      if (found === null) return lostExit(`somebody removed the container ${shortId(container.id)}`);
      state = found;
    }
  }

  async #followOnce(container: Container, isNew: boolean): Promise<Exit> {
    const link = new AbortController();
    try {
      const [source, { code }] = await Promise.all([
        isNew ? container.attach(link.signal) : this.#logs(container, link.signal),
        container.exit(isNew ? 'next-exit' : 'not-running', link.signal),
        this.#tellStarted(container.id),
      ]);
      if (isNew) {
        if (this.#io.signal.aborted) return NEVER_STARTED;
        const failure = await this.#start(container);
        if (failure) return failure;
      }
      this.#watchPauses(container.id, link.signal);
      const output = passOutput(source, this.#io, { ...this.#handed }, this.#handed);
      if (await this.#isOver(container, code, output)) {
        if (!isNew) await this.#takeRest(container, link.signal);
        return await exitOf(this.#place.engine, container.id, await code, this.#job);
      }
      this.#notes.push(`the container ${shortId(container.id)} could not be ended`);
      return { kind: 'signaled', signal: 'SIGKILL' };
    } finally {
      link.abort();
    }
  }

  #watchPauses(id: string, signal: AbortSignal): void {
    const { engine, clock } = this.#place;
    const paused = `somebody has paused the container; it goes on with: docker unpause ${shortId(id)}`;
    watchPauses(engine, clock, id, signal, (isPaused) => this.#io.phase('running', isPaused ? paused : undefined));
  }

  /** What it has written so far, and what it will. */
  async #logs(container: Container, signal: AbortSignal): Promise<Readable> {
    if (this.#place.isAdoptable) return container.logs(true, signal);
    this.#notes.push('output may be missing: the connection to Docker broke');
    return Readable.from([]);
  }

  /** Who follows the engine's log may miss its last words: it is told of the end before they are written. */
  async #takeRest(container: Container, signal: AbortSignal): Promise<void> {
    if (!this.#place.isAdoptable) return;
    await passOutput(await container.logs(false, signal), this.#io, { ...this.#handed }, this.#handed);
  }

  async #start(container: Container): Promise<Failure | null> {
    try {
      await container.start();
      return null;
    } catch (error) {
      if (!(error instanceof EngineError) || error.isUnreachable) throw error;
      return startFailure(error, this.#place.engine.socketPath);
    }
  }

  async #tellStarted(id: string): Promise<void> {
    if (this.#isTold) return;
    this.#isTold = true;
    await this.#io.started({ kind: 'container', id });
  }

  /** Resolves with true once it has ended and all it wrote is handed over; with false when it cannot be ended. */
  #isOver(container: Container, code: Promise<number>, output: Promise<void>): Promise<boolean> {
    const whole = Promise.all([code, output]).then(() => true);
    const stuck = new Promise<boolean>((resolve, reject) => {
      onAbort(this.#io.signal, (request) => {
        endContainer(container, code, request, this.#place.clock).then((hasEnded) => {
          if (!hasEnded) resolve(false);
        }, reject);
      });
    });
    return Promise.race([whole, stuck]);
  }

  /** What the engine says of a container, as soon as it answers; nobody waits for that once the task is to end. */
  async #reach(idOrName: string): Promise<ContainerState | null | 'given up'> {
    const { engine, clock } = this.#place;
    for (;;) {
      try {
        return await inspectContainer(engine, idOrName);
      } catch (error) {
        if (!(error instanceof EngineError) || !error.isUnreachable) throw error;
      }
      if (this.#io.signal.aborted) return 'given up';
      await pause(clock, REACH_AGAIN_MS);
    }
  }

  #outOfReach(idOrName: string): Exit {
    const notes = [`Docker cannot be reached, and the container ${shortId(idOrName)} may still run`];
    return { kind: 'signaled', signal: 'SIGKILL', notes };
  }

  async #thenCleanUp(run: () => Promise<Exit>): Promise<Exit> {
    const { files, scratch } = this.#job;
    try {
      return await run();
    } finally {
      if (files.length > 0) await removePlaced(this.#job);
      // How it ended stays there until that is known elsewhere.
      const sources = outputFilesOf(this.#job).map(({ source }) => source);
      const left = this.#place.isAdoptable ? [homeOf(this.#job), ...sources] : [scratch];
      await Promise.all(left.map(removeTree));
    }
  }

  #labels(): Readonly<Record<string, string>> {
    return labelsOf(this.#job, this.#place.owner);
  }
}

function onAbort(signal: AbortSignal, act: (request: EndRequest) => void): void {
  if (signal.aborted) act(signal.reason as EndRequest);
  else signal.addEventListener('abort', () => act(signal.reason as EndRequest), { once: true });
}

function withNotes(exit: Exit, notes: readonly string[]): Exit {
  if (notes.length === 0 || exit.kind === 'failed') return exit;
  return { ...exit, notes: [...(exit.notes ?? []), ...notes] };
}
