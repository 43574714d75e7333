import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createSpawner, type LocalSpawner } from '../../src/executor/spawner.ts';
import type { Clock, Spawn } from '../../src/model/ports.ts';
import type { Exit } from '../../src/model/run.ts';
import { systemClock } from '../../src/util/clock.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { WatchedIO } from './watched-io.ts';

/** A spawner in a temporary folder, where its processes work. What they leave is killed when the test ends. */
export class SpawnRig {
  readonly folder: string;
  readonly fifoDir: string;
  readonly io = new WatchedIO();
  readonly mark = `RIG=${crypto.randomUUID()}`;
  readonly spawner: LocalSpawner;

  constructor(t: TestContext, { clock = systemClock, fastAfter }: { clock?: Clock; fastAfter?: number } = {}) {
    this.folder = temporaryFolder(t);
    this.fifoDir = join(this.folder, 'fifos');
    this.spawner = createSpawner({
      fifoDir: this.fifoDir,
      clock,
      handles: true,
      ...(fastAfter === undefined ? {} : { fastAfter }),
    });
    t.after(async () => {
      await createSpawner({ fifoDir: this.fifoDir, clock: systemClock, handles: false }).sweep(this.mark);
      await this.spawner.close();
    });
  }

  run(argv: Spawn['argv'], changes: Partial<Spawn> = {}): Promise<Exit> {
    const [name = '', value = ''] = this.mark.split('=');
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', ...changes.env, [name]: value };
    return this.spawner.run({ argv, cwd: this.folder, mark: this.mark, ...changes, env }, this.io);
  }

  write(name: string, text: string, mode = 0o755): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode });
    return path;
  }
}
