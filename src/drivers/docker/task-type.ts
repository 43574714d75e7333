import { validate } from '../../generated/validate-docker-spec.js';
import type { TaskType } from '../../model/ports.ts';

/** Tasks of type `docker`: a script or a program in a container. */
export const dockerTaskType: TaskType = {
  type: 'docker',
  templates: {
    image: 'text',
    command: 'command',
    entrypoint: 'text',
    user: 'text',
    volumes: 'text',
    network: 'text',
    pull: 'literal',
    pull_timeout: 'literal',
    registry_auth: 'text',
    privileged: 'literal',
  },
  validate: (spec) => (validate(spec) ? [] : (validate.errors ?? [])),
  // Which shell an image has shows only when it runs: what is safe for bash is for sh.
  scriptDialect: 'bash',
  bounds: true,
};
