import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DaemonSandbox } from './daemon.ts';
import { containersOf, removeContainers } from './docker.ts';

/** A sandbox whose daemons mark their containers as the test's own. None is left after it. */
export class DockerSandbox extends DaemonSandbox {
  readonly instance = randomBytes(8).toString('hex');

  constructor(t: TestContext) {
    super(t);
    mkdirSync(this.stateDir, { mode: 0o700 });
    writeFileSync(join(this.stateDir, 'instance'), this.instance, { mode: 0o600 });
    t.after(() => removeContainers(`runner=${this.instance}`));
  }

  /** Names of the containers of its daemons. */
  containers(): string[] {
    return containersOf(`runner=${this.instance}`);
  }
}
