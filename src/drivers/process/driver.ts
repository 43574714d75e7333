import { rm } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { type Json, isJsonObject } from '../../model/json.ts';
import type { Driver, DriverIO, Job, SchemaError, Spawner } from '../../model/ports.ts';
import type { Exit } from '../../model/run.ts';
import { InjectedFiles } from './injected-files.ts';
import { commandLine, type DefaultShell } from './command-line.ts';

/** What the driver takes from outside. */
export interface ProcessDriverOptions {
  readonly spawner: Spawner;
  /** What `shell: default` means on this machine; scripts are compiled for the same. */
  readonly defaultShell: DefaultShell;
  /** Errors of a spec. */
  readonly validate: (spec: unknown) => readonly SchemaError[];
}

/** The driver for tasks of type `os_exec`: a script or a program on this machine. */
export function createProcessDriver(options: ProcessDriverOptions): Driver {
  return {
    type: 'os_exec',
    templates: { command: 'command' },
    validate: options.validate,
    run: (job, io) => runJob(job, io, options),
  };
}
