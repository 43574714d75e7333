import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPlaces } from '../../src/engine/places.ts';
import type { RunPorts } from '../../src/engine/ports.ts';
import { Run } from '../../src/engine/run.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { MANUAL_FIRING } from '../../src/model/manual-firing.ts';
import type { RunHeader, RunResult } from '../../src/model/run.ts';
import type { Workflow } from '../../src/model/workflow.ts';
import { SecretSet } from '../../src/util/mask/secret-set.ts';
import { FakeClock } from './fake-clock.ts';
import { ScriptedDriver } from './scripted-driver.ts';

/** What a rig may have of its own. */
export interface RigOptions {
  readonly driver?: ScriptedDriver;
  readonly ports?: Partial<RunPorts>;
  readonly header?: Partial<RunHeader>;
  /** Kept after the run; without it there is one that goes with it. */
  readonly workspace?: string;
}

/** A run in a temporary folder, with a fake clock and (by default) a scripted driver. */
export class RunRig {
  readonly clock = new FakeClock();
  readonly driver: ScriptedDriver;
  readonly events: RunEvent[] = [];
  readonly run: Run;
  readonly folder: string;
  readonly end: Promise<RunResult>;
  readonly #awaited: { readonly type: RunEvent['type']; readonly resolve: () => void }[] = [];

  constructor(workflow: Workflow, options: RigOptions = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
    mkdirSync(join(this.folder, 'outputs'));
    this.driver = options.driver ?? new ScriptedDriver();
    const header: RunHeader = {
      id: 'run-1',
      number: 1,
      workflow: workflow.id,
      firing: MANUAL_FIRING,
      inputs: {},
      only: null,
      createdAt: this.clock.now(),
      ...options.header,
    };
    this.run = new Run(workflow, header, { ...this.#ports(options.workspace ?? this.folder), ...options.ports });
    const ended = this.run.execute().finally(() => rmSync(this.folder, { recursive: true, force: true }));
    this.end = ended.then((result) => result ?? new Promise<never>(() => {}));
  }

  /** Status and reason of every task, `task: status/reason`, once the run has ended. */
  async outcome(): Promise<string[]> {
    const { results } = await this.end;
    return Object.values(results).map(({ name, status, reason }) => `${name}: ${status}${reason ? `/${reason}` : ''}`);
  }

  /** Resolves once an event of this type has been committed. */
  until(type: RunEvent['type']): Promise<void> {
    if (this.events.some((event) => event.type === type)) return Promise.resolve();
    return new Promise((resolve) => this.#awaited.push({ type, resolve }));
  }

  #committed(batch: readonly RunEvent[]): void {
    this.events.push(...batch);
    for (const { type, resolve } of this.#awaited) if (batch.some((event) => event.type === type)) resolve();
  }

  #ports(workspace: string): RunPorts {
    return {
      drivers: new Map([['scripted', this.driver]]),
      clock: this.clock,
      paths: { workspace, runDir: this.folder, eventPath: '' },
      places: ownPlaces(Number.POSITIVE_INFINITY),
      secretValues: new Map(),
      masks: new SecretSet(),
      hostEnv: new Map([['PATH', '/usr/bin:/bin']]),
      runtimeEnv: new Map(),
      random: () => 0,
      graceMs: 10_000,
      openOutput: () => ({ write: () => {}, close: () => [] }),
      commit: (batch) => this.#committed(batch),
    };
  }
}
