import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { type GuardOptions, guardedLoader } from '../src/load-guarded.ts';
import { systemClock } from '../src/util/clock.ts';
import { DEFAULT_LIMITS } from '../src/workflow/limits.ts';
import { loadWorkflow, type WorkflowBytes } from '../src/workflow/load.ts';
import { FakeClock } from './support/fake-clock.ts';
import { TEST_TYPES } from './support/task-types.ts';

const OPTIONS = { types: TEST_TYPES, dialect: 'sh', limits: DEFAULT_LIMITS } as const;

const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
const program = join(folder, 'judge.cjs');

// A thread does not learn from the test's own loader how to read TypeScript; it gets what the build makes.
before(() =>
  build({ entryPoints: ['src/bin/judge.ts'], outfile: program, bundle: true, platform: 'node', logLevel: 'error' }),
);
after(() => rmSync(folder, { recursive: true, force: true }));

/** A guarded loader that counts what it loads in this thread. */
function rig(more: Partial<GuardOptions> = {}) {
  const here: string[] = [];
  const load: GuardOptions['load'] = (source) => {
    here.push(source.id);
    return loadWorkflow(source, OPTIONS);
  };
  return { here, guarded: guardedLoader({ load, program, clock: systemClock, ...OPTIONS, ...more }) };
}

function file(id: string, text: string): WorkflowBytes {
  return { file: `${id}.yml`, id, bytes: Buffer.from(text) };
}

const FINE = 'taskGroup: [{ name: a, run: make }]\n';
const PADDING = `${`# ${'x'.repeat(98)}\n`.repeat(1_000)}`;

test('a small file is loaded in this thread', async () => {
  const { here, guarded } = rig();
  assert.equal((await guarded(file('small', FINE))).workflow?.id, 'small');
  assert.deepEqual(here, ['small']);
});

test('a large file that is fine comes out as if it were small', async () => {
  const { here, guarded } = rig();
  const source = file('large', PADDING + FINE);
  assert.equal((await guarded(source)).workflow?.tasks.length, 1);
  assert.deepEqual(here, ['large']);
});

test('the thread is told of plugins, however the facts about them are kept', async () => {
  const kept = new (class {
    get descriptions(): [] {
      return [];
    }
    get broken(): [] {
      return [];
    }
    readonly stop = () => {};
  })();
  const { guarded } = rig({ plugins: kept });
  assert.equal((await guarded(file('fine', PADDING + FINE))).workflow?.tasks.length, 1);
});

test('a large file that is broken is never loaded in this thread, and all is said about it', async () => {
  const { here, guarded } = rig();
  const source = file('broken', `${PADDING}taskGroup: [{ nam: a }]\nname: "${'\\q'.repeat(10_000)}"\n`);
  const { workflow, diagnostics } = await guarded(source);
  assert.equal(workflow, null);
  assert.deepEqual(diagnostics, (await loadWorkflow(source, OPTIONS)).diagnostics);
  assert.deepEqual(here, []);
});

test('a file that takes too long is given up', async () => {
  const clock = new FakeClock();
  const { here, guarded } = rig({ clock });
  const loading = guarded(file('slow', PADDING + FINE));
  clock.advance(10_000);
  const { workflow, diagnostics } = await loading;
  assert.equal(workflow, null);
  assert.deepEqual(
    diagnostics.map(({ code, message }) => [code, message]),
    [['too-large', 'the file is too large: reading it takes more than 10 s']],
  );
  assert.deepEqual(here, []);
});

test('a thread that cannot work is our own trouble', async () => {
  await assert.rejects(rig({ program: join(folder, 'missing.cjs') }).guarded(file('large', PADDING)));
});
