import type { TaskEntry } from '../../generated/workflow-file.ts';
import type { Resources } from '../../model/workflow.ts';
import { parseSize } from '../../util/size.ts';

/** What a task may take of the machine, as written. */
export function buildResources({ resources }: TaskEntry): Resources {
  return {
    cpu: resources?.cpu ?? null,
    memoryBytes: bytes(resources?.memory),
    diskBytes: bytes(resources?.disk),
    pids: resources?.pids ?? null,
    shmBytes: bytes(resources?.shm),
    nofile: resources?.nofile ?? null,
  };
}

function bytes(size: string | undefined): number | null {
  return size === undefined ? null : parseSize(size);
}
