import type { Driver } from '../../model/ports.ts';
import { readSpec } from './container-spec.ts';
import { type DockerPlace, DockerTask } from './docker-task.ts';
import { imageContent } from './image.ts';
import { dockerTaskType } from './task-type.ts';

/** Makes the driver for tasks of type `docker`. */
export function createDockerDriver(place: DockerPlace): Driver {
  return {
    ...dockerTaskType,
    version: '1',
    foundation: (job, signal) => imageContent(place, readSpec(job), signal),
    run: (job, io) => new DockerTask(place, job, io).run(),
    recover: (job, handle, io) => {
      return new DockerTask(place, job, io).recover(handle?.kind === 'container' ? handle.id : null);
    },
  };
}
