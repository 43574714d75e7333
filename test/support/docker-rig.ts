import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { DockerPlace } from '../../src/drivers/docker/docker-task.ts';
import { createDockerDriver } from '../../src/drivers/docker/driver.ts';
import type { Clock, Job } from '../../src/model/ports.ts';
import type { Exit } from '../../src/model/run.ts';
import { NO_BOUNDS, type Resources } from '../../src/model/workflow.ts';
import { systemClock } from '../../src/util/clock.ts';
import { containersOf, dockerJob, dockerPlace, engine, removeContainers } from './docker.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { WatchedIO } from './watched-io.ts';

/** A driver with a mark of its own, and a folder its jobs work in; no container of it is left after the test. */
export class DockerRig {
  readonly folder: string;
  readonly io = new WatchedIO();
  readonly place: DockerPlace;
  readonly #jobs: Job[] = [];

  constructor(t: TestContext, policy: Partial<DockerPlace['policy']> = {}, changes: Partial<DockerPlace> = {}) {
    this.folder = temporaryFolder(t);
    const place = dockerPlace(changes);
    this.place = { ...place, policy: { ...place.policy, ...policy } };
    t.after(async () => {
      const left = containersOf(`runner=${this.place.owner.instance}`);
      await removeContainers(`runner=${this.place.owner.instance}`);
      assert.deepEqual(left, [], 'containers were left behind');
    });
  }

  job(command: string | readonly string[], changes: Partial<Job> = {}): Job {
    const job = dockerJob(this.folder, command, changes);
    this.#jobs.push(job);
    return job;
  }

  run(job: Job, io = this.io): Promise<Exit> {
    return createDockerDriver(this.place).run(job, io);
  }

  nameOf({ runId }: Job): string {
    return `runner-${runId}-task-1`;
  }

  labels({ runId }: Job): Record<string, string> {
    return { runner: this.place.owner.instance, 'runner.run': runId, 'runner.task': 'task', 'runner.attempt': '1' };
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  async inspect(job: Job): Promise<any> {
    return engine.call('GET', `/containers/${this.nameOf(job)}/json`);
  }
}

/** Those bounds and no others. */
export function bounds(some: Partial<Resources>): Resources {
  return { ...NO_BOUNDS, ...some };
}

/** A clock on which the pauses between tries, of 1 s and more, are over at once; shorter times are as long as ever. */
export const IMPATIENT: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms >= 1000 && ms <= 4000 ? 0 : ms, callback),
};
