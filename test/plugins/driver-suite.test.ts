import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BUILTIN_TYPES } from '../../src/builtin.ts';
import { createDrivers } from '../../src/builtin-drivers.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
import type { CalledEnd, WorkflowCaller } from '../../src/model/call.ts';
import type { DriverOutputs } from '../../src/model/run.ts';
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

/** What called workflows do, by their ids. */
const CALLED: Readonly<Record<string, CalledEnd['status'] | 'goes on'>> = {
  fine: 'success',
  broken: 'failed',
  long: 'goes on',
};

const caller: WorkflowCaller = {
  async call({ workflow }) {
    const how = CALLED[workflow] ?? 'failed';
    const outputs = { word: { value: 'hello', confidential: false } };
    const end = (status: CalledEnd['status']): CalledEnd => ({ status, reason: null, message: '', outputs });
    let cancel = (): void => {};
    const over = new Promise<CalledEnd>((resolve) => {
      cancel = () => resolve(end('cancelled'));
      if (how !== 'goes on') resolve(end(how));
    });
    return { id: 'run', over, cancel: () => cancel() };
  },
};

const own = createDrivers(
  {
    spawner,
    path: TEST_PATH,
    caller,
    docker: {
      socketPath: '/nowhere',
      clock: systemClock,
      owner: { instance: 'test' },
      isAdoptable: false,
      policy: { volumes: [], allowPrivileged: false, allowSocket: false, forbidden: [], taskUser: null },
    },
  },
  [],
);

/** A driver of ours as a plugin would bring it. */
function asPlugin(type: string): PluginDriver {
  const driver = own.get(type);
  if (!driver) throw new Error(`no driver for ${type}`);
  return {
    type,
    schema: { type: 'object' },
    async run(job, io) {
      const outputFile = join(folder, crypto.randomUUID());
      const more = { spec: job.spec, env: { ...job.env, OUTPUT_FILE: outputFile }, outputFile, workflow: 'caller' };
      const ending = new AbortController();
      io.signal.addEventListener('abort', () => ending.abort({ graceMs: 10_000, hurry: new AbortController().signal }));
      const exit = await driver.run(processJob(folder, [], more), {
        signal: ending.signal,
        write: (stream, chunk) => io.write(stream, chunk),
        phase: () => {},
        started: async () => {},
      });
      if (exit.kind === 'done') return { exports: textsOf(exit.outputs) };
      const written = readOutputs({ outputFile, task: job.task });
      const exports = 'values' in written ? Object.fromEntries(written.values) : {};
      return { code: exit.kind === 'exited' ? exit.code : 128, exports };
    },
  };
}

function textsOf(outputs: DriverOutputs): Record<string, string> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}

testDriver(asPlugin('os_exec'), {
  succeeds: { spec: { command: 'echo hello; echo word=hello >> "$OUTPUT_FILE"' }, exports: { word: 'hello' } },
  fails: { spec: { command: 'exit 3' } },
  lasts: { spec: { command: ['sleep', '1000'] } },
});

testDriver(asPlugin('expression_evaluation'), {
  succeeds: { spec: { string_to_evaluate: 'hello' }, exports: { result: 'hello' } },
});

testDriver(asPlugin('workflow'), {
  succeeds: { spec: { workflow: 'fine' }, exports: { word: 'hello' } },
  fails: { spec: { workflow: 'broken' } },
  lasts: { spec: { workflow: 'long' } },
});

test('the loader knows exactly the types there are drivers for, and each driver is of its type', () => {
  assert.deepEqual([...own.keys()], [...BUILTIN_TYPES.keys()]);
  for (const [type, driver] of own) assert.equal(driver.type, type);
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
