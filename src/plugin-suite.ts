import type { JsonObject } from './model/json.ts';
import type { PluginDriver, PluginIO, PluginJob, PluginReply } from './model/plugin.ts';

/** What a driver is tried with. */
export interface DriverSamples {
  /** A job that succeeds, and some of what it exports. */
  readonly succeeds: { readonly spec: JsonObject; readonly exports?: Readonly<Record<string, string>> };
  /** A job that fails: by its code, or by an error. */
  readonly fails?: { readonly spec: JsonObject };
  /** A job that goes on until it is asked to end. */
  readonly lasts?: { readonly spec: JsonObject };
  /** The environment of all of them. */
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute path of the folder they work in; the current one when it is left out. */
  readonly folder?: string;
  /** Makes the reply of a job that hands over to a program the reply of that program; without it such jobs are not looked into. */
  readonly runProgram?: (reply: ProgramReply, job: PluginJob, io: PluginIO) => Promise<PluginReply>;
}

/** A reply that hands over to a program. */
export type ProgramReply = Extract<PluginReply, { readonly command: unknown }>;

type Assert = typeof import('node:assert/strict');

/** Loaded only where there are tests: every plugin loads this file. */
const node = {
  get test() {
    return process.getBuiltinModule('node:test').test;
  },
  get assert() {
    return process.getBuiltinModule('node:assert/strict');
  },
};

/** What every driver of a plugin must do, as tests of `node:test`. */
export function testDriver(driver: PluginDriver, samples: DriverSamples): void {
  const { test } = node;
  const assert: Assert = node.assert;
  const suite = (behaviour: string, body: () => Promise<void>): void => {
    test(`${driver.type}: ${behaviour}`, { timeout: 60_000 }, body);
  };
  suite('its description is plain data', async () => {
    assert.match(driver.type, /^[a-z][a-z0-9_-]{0,63}$/);
    assert.deepEqual(JSON.parse(JSON.stringify(driver.schema)), driver.schema);
  });
  suite('a job that succeeds has no code and exports text', async () => {
    checkSuccess(await new Trial(driver, samples, samples.succeeds.spec).run(), samples);
  });
  suite('it leaves the job as it is', async () => {
    const trial = new Trial(driver, samples, samples.succeeds.spec);
    const before = JSON.stringify(trial.job);
    await trial.run();
    assert.equal(JSON.stringify(trial.job), before);
  });
  suite('jobs may run at the same time', async () => {
    const trials = [1, 2, 3].map(() => new Trial(driver, samples, samples.succeeds.spec));
    for (const reply of await Promise.all(trials.map((trial) => trial.run()))) checkSuccess(reply, samples);
  });
  suite('a job writes nothing once it has ended', async () => {
    const trial = new Trial(driver, samples, samples.succeeds.spec);
    await trial.run();
    await new Promise((later) => setImmediate(later));
    assert.equal(trial.lateWrites, 0);
  });
  const { fails, lasts } = samples;
  if (fails) suite('a job that fails says so', () => checkFailure(new Trial(driver, samples, fails.spec)));
  if (lasts) suite('a job ends when it is asked to', () => checkEnding(new Trial(driver, samples, lasts.spec)));
}

/** One job of a driver under test. */
class Trial {
  readonly job: PluginJob;
  lateWrites = 0;
  readonly #driver: PluginDriver;
  readonly #samples: DriverSamples;
  readonly #ending = new AbortController();
  #isOver = false;

  constructor(driver: PluginDriver, samples: DriverSamples, spec: JsonObject) {
    this.#driver = driver;
    this.#samples = samples;
    const folder = samples.folder ?? process.cwd();
    const env = samples.env ?? { PATH: process.env.PATH ?? '/usr/bin:/bin' };
    const run = crypto.randomUUID();
    const { type } = driver;
    this.job = { run, workflow: 'test', task: 'test', attempt: 1, type, spec, env, workspace: folder, folder };
  }

  async run(): Promise<PluginReply> {
    const io: PluginIO = { signal: this.#ending.signal, write: async () => this.#write() };
    try {
      const reply = (await this.#driver.run(this.job, io)) ?? {};
      const { runProgram } = this.#samples;
      return 'command' in reply && runProgram ? await runProgram(reply, this.job, io) : reply;
    } finally {
      this.#isOver = true;
    }
  }

  end(): void {
    this.#ending.abort();
  }

  #write(): void {
    if (this.#isOver) this.lateWrites++;
  }
}

function checkSuccess(reply: PluginReply, { succeeds }: DriverSamples): void {
  if ('command' in reply) return;
  const assert: Assert = node.assert;
  const { code = 0, exports = {} } = reply;
  assert.equal(code, 0, reply.message);
  for (const [name, value] of Object.entries(exports)) assert.equal(typeof value, 'string', `the export ${name}`);
  for (const [name, value] of Object.entries(succeeds.exports ?? {})) assert.equal(exports[name], value);
}

async function checkFailure(trial: Trial): Promise<void> {
  const assert: Assert = node.assert;
  let reply: PluginReply;
  try {
    reply = await trial.run();
  } catch (error) {
    assert.ok(error instanceof Error, 'what is thrown must be an Error');
    return;
  }
  if (!('command' in reply)) assert.notEqual(reply.code ?? 0, 0, 'the job succeeded');
}

async function checkEnding(trial: Trial): Promise<void> {
  const assert: Assert = node.assert;
  let isOver = false;
  const ended = trial.run().then(
    () => undefined,
    (error: unknown) => assert.ok(error instanceof Error, 'what is thrown must be an Error'),
  );
  void ended.then(() => {
    isOver = true;
  });
  await new Promise((later) => setImmediate(later));
  assert.equal(isOver, false, 'the job ended by itself');
  trial.end();
  await ended;
}
