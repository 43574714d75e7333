import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CacheRequest, cacheRequest } from '../../../src/engine/cache/cache-request.ts';
import { changesBetween } from '../../../src/engine/cache/explain.ts';
import { type ResultKey, resultKey } from '../../../src/engine/cache/result-key.ts';
import { runContext, workflowContext } from '../../../src/engine/context.ts';
import { type Environment, put, renderEnv, runVariables } from '../../../src/engine/environment.ts';
import { ownPlaces } from '../../../src/engine/places.ts';
import { type RunScope, renderJob } from '../../../src/engine/render-job.ts';
import { initialState } from '../../../src/engine/state.ts';
import { MANUAL_FIRING } from '../../../src/model/manual-firing.ts';
import type { RunHeader } from '../../../src/model/run.ts';
import type { Shell, Task, Workflow } from '../../../src/model/workflow.ts';
import { SecretSet } from '../../../src/util/mask/secret-set.ts';
import { type CacheRig, cacheRig } from '../../support/cache-rig.ts';
import { loadPlan } from '../../support/load-text.ts';
import { isThorough } from '../../support/thorough.ts';

const MUTATIONS = isThorough ? 10_000 : 2_000;

/** All that the result of the task depends on. */
interface World {
  readonly script: string;
  readonly exported: string;
  readonly secret: string;
  readonly taskEnv: string;
  readonly workflowEnv: string;
  readonly runtimeEnv: string;
  readonly channel: string;
  readonly injected: string;
  readonly injectedMode: number;
  readonly resultFile: string;
  readonly workingDir: string;
  readonly shell: Shell;
  readonly optional: boolean;
  readonly saved: string;
  readonly content: string;
  readonly mode: number;
  readonly second: string | null;
  readonly link: string;
  readonly tool: string;
  readonly version: string;
}

const START: World = {
  script: 'a',
  exported: 'a',
  secret: 'aaaa',
  taskEnv: 'a',
  workflowEnv: 'a',
  runtimeEnv: 'a',
  channel: 'a',
  injected: 'a',
  injectedMode: 0o600,
  resultFile: 'a',
  workingDir: '.',
  shell: 'bash',
  optional: false,
  saved: 'a',
  content: 'a',
  mode: 0o644,
  second: null,
  link: 'a',
  tool: 'a',
  version: 'a',
};

/** Per part of the world: values it may take, and how a change of it is called. */
const CAUSES: { readonly [K in keyof World]: readonly [values: readonly World[K][], cause: string] } = {
  script: [['a', 'b', 'A', 'a '], 'script changed'],
  exported: [['a', 'b', '', 'a\n'], 'import make.version changed'],
  secret: [['aaaa', 'bbbb', 'aaab'], 'secret TOKEN changed'],
  taskEnv: [['a', 'b', ''], 'env MODE changed'],
  workflowEnv: [['a', 'b', ''], 'env LEVEL changed'],
  runtimeEnv: [['a', 'b', ''], 'env EXTRA changed'],
  channel: [['a', 'b', ''], 'inputs.channel changed'],
  injected: [['a', 'b', ''], 'file conf changed'],
  injectedMode: [[0o600, 0o644, 0o755], 'file conf changed'],
  resultFile: [['a', 'b'], 'result_file changed'],
  workingDir: [['.', './', './.'], 'working_dir changed'],
  shell: [['bash', 'sh', 'dash'], 'shell changed'],
  optional: [[true, false], 'exports changed'],
  saved: [['a', 'b', 'a/b'], 'cache.paths changed'],
  content: [['a', 'b', '', 'a\n', '\0'], 'input src/a.txt changed'],
  mode: [[0o644, 0o755, 0o600], 'mode of src/a.txt changed'],
  second: [[null, 'a', 'b'], 'input src/b.txt changed'],
  link: [['a', 'b', '../a'], 'link src/link changed'],
  tool: [['a', 'b', ''], 'env PATH changed'],
  version: [['a', 'b'], 'driver version changed'],
};

const NAMES = Object.keys(CAUSES) as (keyof World)[];

test(`${MUTATIONS} mutations: no false hit, each by its own cause, and what does not count stays a hit`, async (t) => {
  const fuzz = await Fuzz.start(t);
  const random = generator(20_251_121);
  const identities = new Map<string, string>();
  const worlds = new Map<string, string>();
  let world = START;
  let key = await fuzz.keyOf(world);
  for (let round = 0; round < MUTATIONS; round++) {
    const name = NAMES[random(NAMES.length)] ?? 'script';
    const next = mutate(world, name, random);
    fuzz.disturb(round);
    const nextKey = await fuzz.keyOf(next);
    const text = JSON.stringify(next);
    const identity = nextKey.entry.toString();
    const where = `round ${round}, ${name}: ${JSON.stringify(world[name])} to ${JSON.stringify(next[name])}`;
    assert.equal(worlds.get(text) ?? identity, identity, `a miss without a cause, ${where}`);
    assert.equal(identities.get(identity) ?? text, text, `a false hit, ${where}`);
    assert.deepEqual(changesBetween(key.parts, nextKey.parts), expected(world, next, name), where);
    worlds.set(text, identity);
    identities.set(identity, text);
    world = next;
    key = nextKey;
  }
  assert.ok(worlds.size > MUTATIONS / 2, `only ${worlds.size} different worlds`);
});

function mutate(world: World, name: keyof World, random: (below: number) => number): World {
  const [values] = CAUSES[name];
  return { ...world, [name]: values[random(values.length)] };
}

function expected(before: World, after: World, name: keyof World): readonly string[] {
  if (before[name] === after[name]) return [];
  const [, cause] = CAUSES[name];
  if (name !== 'second' || (before.second !== null && after.second !== null)) return [cause];
  return [cause.replace('changed', after.second === null ? 'is gone' : 'is new')];
}

/** A task made of a world, with the files it reads on disk. */
class Fuzz {
  readonly #rig: CacheRig;
  /** By script. */
  readonly #loaded = new Map<string, Workflow>();
  #onDisk: Partial<World> = {};
  #run = 0;

  private constructor(rig: CacheRig) {
    this.#rig = rig;
  }

  static async start(t: TestContext): Promise<Fuzz> {
    const rig = cacheRig(t);
    mkdirSync(join(rig.workspace, 'src'));
    return new Fuzz(rig);
  }

  async keyOf(world: World): Promise<ResultKey> {
    this.#write(world);
    return resultKey(await this.#request(world), this.#rig.ports);
  }

  /** Changes what must not count: times, files that are not inputs. */
  disturb(round: number): void {
    const folder = this.#rig.workspace;
    if (round % 3 === 0) utimesSync(join(folder, 'src', 'a.txt'), round, round);
    if (round % 3 === 1) writeFileSync(join(folder, 'undeclared'), String(round));
    if (round % 30 === 2) writeFileSync(join(folder, 'src', 'skipped.log'), String(round));
  }

  #write(world: World): void {
    const folder = join(this.#rig.workspace, 'src');
    const path = (name: string) => join(folder, name);
    const last = this.#onDisk;
    if (last.content !== world.content) writeFileSync(path('a.txt'), world.content);
    if (last.mode !== world.mode) chmodSync(path('a.txt'), world.mode);
    if (last.second !== world.second) {
      if (world.second === null) rmSync(path('b.txt'), { force: true });
      else writeFileSync(path('b.txt'), world.second, { mode: 0o644 });
    }
    if (last.link !== world.link) {
      rmSync(path('link'), { force: true });
      symlinkSync(world.link, path('link'));
    }
    this.#onDisk = world;
  }

  async #request(world: World): Promise<CacheRequest> {
    const workflow = await this.#plan(world);
    const task = workflow.tasks[1];
    const scope = this.#scope(workflow, world);
    const request = task && cacheRequest(scope, task, renderJob(scope, task, 1), new AbortController());
    assert.ok(request);
    return { ...request, version: world.version };
  }

  /** Only the script goes through the loader; everything else is set in the plan, which is quicker. */
  async #plan(world: World): Promise<Workflow> {
    const loaded = this.#loaded.get(world.script) ?? (await loadPlan(fileOf(world.script)));
    this.#loaded.set(world.script, loaded);
    const [make, use] = loaded.tasks;
    assert.ok(make && use?.cache);
    const changed: Task = {
      ...use,
      shell: world.shell,
      workingDir: world.workingDir,
      exports: [{ name: 'out', confidential: false, scope: 'local', optional: world.optional }],
      env: new Map([...use.env, ['MODE', world.taskEnv]]),
      files: [{ path: 'conf', content: { kind: 'text', text: world.injected }, mode: world.injectedMode }],
      resultFile: world.resultFile,
      cache: { ...use.cache, paths: [world.saved] },
    };
    return { ...loaded, env: new Map([...loaded.env, ['LEVEL', world.workflowEnv]]), tasks: [make, changed] };
  }

  #scope(workflow: Workflow, world: World): RunScope {
    const id = `run-${this.#run++}`;
    const header: RunHeader = {
      id,
      number: this.#run,
      workflow: workflow.id,
      firing: MANUAL_FIRING,
      inputs: { channel: world.channel },
      only: null,
      createdAt: this.#run,
    };
    const state = initialState(workflow);
    const outputs = { version: { value: world.exported, confidential: false, scope: 'local' as const } };
    const end = { status: 'success', exitCode: 0, outputs, cached: false } as const;
    state.tasks[0] = { phase: 'done', end, attempts: 1, durationMs: 0 };
    const secretValues = new Map([['TOKEN', world.secret]]);
    const hostEnv = new Map([
      ['PATH', world.tool],
      ['HOME', `/home/${this.#run}`],
    ]);
    const root = runContext(workflow, header, secretValues);
    const workflowEnv: Environment = new Map();
    renderEnv(workflowEnv, workflow.env, workflowContext(root), 'workflow', hostEnv);
    const runEnv: Environment = new Map();
    put(runEnv, hostEnv, 'host');
    put(runEnv, runVariables(header, ''), 'system');
    const ports = {
      drivers: new Map(),
      clock: { now: () => 0, monotonic: () => 0, after: () => () => {} },
      paths: { workspace: this.#rig.workspace, runDir: `/runs/${id}`, eventPath: '' },
      places: ownPlaces(1),
      secretValues,
      masks: new SecretSet(),
      hostEnv,
      runtimeEnv: new Map([['EXTRA', world.runtimeEnv]]),
      random: () => 0,
      graceMs: 0,
      cache: async () => this.#rig.ports,
      openOutput: () => ({ write: () => {}, close: () => [] }),
      commit: () => {},
    };
    put(runEnv, ports.runtimeEnv, 'runtime');
    return { state, header, ports, root, runEnv, workflowEnv };
  }
}

function fileOf(script: string): string {
  return `
inputs: { channel: { type: string } }
secrets: [TOKEN]
env: { SIGNED: "by {{ secrets.TOKEN }}" }
taskGroup:
  - { name: make, run: "true", exports: [{ name: version }] }
  - name: use
    run: ${JSON.stringify(`echo ${script}; echo {{ make.version }} {{ inputs.channel }} "{{ secrets.TOKEN }}"`)}
    imports: [{ from: make, variable: version }]
    env: { LABEL: "{{ make.version }}-{{ inputs.channel }}", PATH: null }
    cache: { inputs: ["src/**", "!**/*.log"] }
`;
}

function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
