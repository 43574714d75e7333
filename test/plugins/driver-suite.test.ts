import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { createProcessDriver } from '../../src/drivers/process/driver.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
import { definePlugin, type PluginDriver, testDriver } from '../../src/plugin.ts';
import { systemClock } from '../../src/util/clock.ts';
import { readOutputs } from '../../src/util/output-file.ts';
import { processJob, TEST_PATH } from '../support/process-driver.ts';

const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
const spawner = createSpawner({ fifoDir: join(folder, 'fifos'), clock: systemClock, handles: false });
after(async () => {
  await spawner.close();
  rmSync(folder, { recursive: true });
});

const processes = createProcessDriver({ spawner, path: TEST_PATH });

/** The driver for `os_exec` as a plugin would bring it. */
const osExec: PluginDriver = {
  type: processes.type,
  schema: { type: 'object' },
  async run(job, io) {
    const outputFile = join(folder, crypto.randomUUID());
    const own = { spec: job.spec, env: { ...job.env, OUTPUT_FILE: outputFile }, outputFile };
    const ending = new AbortController();
    io.signal.addEventListener('abort', () => ending.abort({ graceMs: 10_000, hurry: new AbortController().signal }));
    const exit = await processes.run(processJob(folder, [], own), {
      signal: ending.signal,
      write: (stream, chunk) => io.write(stream, chunk),
      phase: () => {},
      started: async () => {},
    });
    const written = readOutputs({ outputFile, task: job.task });
    const exports = 'values' in written ? Object.fromEntries(written.values) : {};
    return { code: exit.kind === 'exited' ? exit.code : 128, exports };
  },
};

testDriver(osExec, {
  succeeds: { spec: { command: 'echo hello; echo word=hello >> "$OUTPUT_FILE"' }, exports: { word: 'hello' } },
  fails: { spec: { command: 'exit 3' } },
  lasts: { spec: { command: ['sleep', '1000'] } },
});

const { drivers } = definePlugin({
  name: 'wait',
  api: 1,
  drivers: [
    {
      type: 'wait',
      schema: { type: 'object' },
      async run({ spec }, { signal }) {
        if (spec.fails) throw new Error('as told');
        while (spec.lasts && !signal.aborted) await new Promise((later) => setImmediate(later));
        return { exports: { waited: 'yes' } };
      },
    },
  ],
});

for (const driver of drivers) {
  testDriver(driver, {
    succeeds: { spec: {}, exports: { waited: 'yes' } },
    fails: { spec: { fails: true } },
    lasts: { spec: { lasts: true } },
  });
}
