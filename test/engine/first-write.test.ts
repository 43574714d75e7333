/** A run begins while the write that makes it is on its way: what it writes first goes with that, and nothing happens outside before. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Change, Database, Entry, Range } from '../../src/model/database.ts';
import { CommitQueue } from '../../src/store/commit-queue.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { plan } from '../support/plan.ts';
import { SchedulerRig, type SchedulerRigOptions } from '../support/scheduler-rig.ts';

const ONE = plan([{ name: 'a' }], { id: 'ci', name: 'ci' });
const FULL = new Error('no space left on the device');

/** One write that is under way. */
interface Write {
  readonly text: string;
  /** Ends it, with an error or well. */
  end(error?: Error): void;
}

/** A database whose writes end when the test says so, until it is let go. */
class HeldDatabase implements Database {
  readonly #inner = new MemoryDatabase();
  readonly #queue = new CommitQueue((changes) => this.#write(changes));
  readonly #writes: Write[] = [];
  #isHeld = true;
  #noticed: () => void = () => {};

  /** The next write, once it is under way. */
  async next(): Promise<Write> {
    while (this.#writes.length === 0) {
      await new Promise<void>((resolve) => {
        this.#noticed = resolve;
      });
    }
    return this.#writes.shift() ?? assert.fail();
  }

  letGo(): void {
    this.#isHeld = false;
  }

  get(key: string): string | undefined {
    const pending = this.#queue.get(key);
    return pending === undefined ? this.#inner.get(key) : (pending ?? undefined);
  }

  list(range: Range): AsyncIterable<Entry> {
    return this.#inner.list(range);
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#queue.commit(changes);
  }

  backup(folder: string): Promise<void> {
    return this.#inner.backup(folder);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #write(changes: readonly Change[]): Promise<void> {
    if (this.#isHeld) {
      await new Promise<void>((resolve, reject) => {
        this.#writes.push({
          text: JSON.stringify(changes),
          end: (error) => (error ? reject(error) : resolve()),
        });
        this.#noticed();
      });
    }
    await this.#inner.commit(changes);
  }
}

function rigOf(t: TestContext, options: SchedulerRigOptions = {}) {
  const database = new HeldDatabase();
  const rig = new SchedulerRig({ ...options, database });
  t.after(() => rig.remove());
  return { rig, database };
}

/** Lets everything happen that waits for nothing from outside. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the write that makes a run holds the start of its first task, which starts once it is durable', async (t) => {
  const { rig, database } = rigOf(t);
  let isAnswered = false;
  const answer = rig.scheduler.fire(rig.wish(ONE)).finally(() => {
    isAnswered = true;
  });
  const write = await database.next();
  for (const type of ['run-created', 'run-started', 'task-starting']) assert.ok(write.text.includes(type), type);
  await settled();
  assert.deepEqual([isAnswered, rig.events.length, rig.world.starts.length], [false, 0, 0]);
  write.end();
  const { run } = await answer;
  await rig.world.until(() => rig.world.alive.length === 1);
  const history = rig.history(run?.header.id ?? '');
  assert.deepEqual(history, ['run-created', 'run-started', 'a task-queued', 'a task-starting']);
});

test('a run whose making fails has never been: nothing starts, nothing is told, and its place is free', async (t) => {
  const folders: string[] = [];
  const host = ({ header }: { header: { id: string } }) => {
    folders.push(header.id);
    return {};
  };
  const { rig, database } = rigOf(t, { host, limits: { maxRuns: 1, maxParallel: 1 } });
  const refused = assert.rejects(rig.scheduler.fire(rig.wish(ONE)), /no space left/);
  (await database.next()).end(FULL);
  await refused;
  await settled();
  assert.deepEqual([rig.scheduler.running, rig.scheduler.queued, rig.world.starts.length], [0, 0, 0]);
  assert.deepEqual([rig.events, rig.firings, rig.troubles, rig.broken, rig.stuck], [[], [], [], [], []]);
  assert.deepEqual(
    folders.filter((id) => existsSync(rig.folderOf(id))),
    [],
  );
  assert.equal(folders.length, 1);
  database.letGo();
  const { run } = await rig.scheduler.fire(rig.wish(ONE));
  await rig.world.until(() => rig.world.alive.length === 1);
  assert.equal(run?.header.number, 1);
});

test('so has one that was slow to be put together: it finds that it was not made', async (t) => {
  let goOn = (): void => {};
  const slow = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const { rig, database } = rigOf(t, { ready: slow });
  const refused = assert.rejects(rig.scheduler.fire(rig.wish(ONE)), /no space left/);
  (await database.next()).end(FULL);
  await refused;
  goOn();
  await settled();
  await settled();
  assert.deepEqual([rig.broken, rig.stuck, rig.troubles, rig.world.starts], [[], [], [], []]);
  assert.deepEqual(rig.abandoned, []);
});

test('who waits for a turn is not begun by the write that makes it', async (t) => {
  const { rig, database } = rigOf(t, { limits: { maxRuns: 1 } });
  const answer = rig.scheduler.decide({ wishes: [rig.wish(ONE), rig.wish(ONE)] });
  (await database.next()).end();
  const [first, second] = await answer;
  assert.deepEqual(
    [first, second].map((outcome) => rig.record(outcome?.run?.header.id ?? '').status),
    ['running', 'queued'],
  );
});
