import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';
import { DOCKER_SOCKET, dockerSkip, TEST_IMAGE } from '../support/docker.ts';
import { pictureOfDaemon, pictureOfExec } from '../support/two-ways.ts';

/** The workflows of this folder cover the language; those of `workflows/` are what users begin with. */
const OWN = 'test/e2e/conformance';

/** What a case is run with, when that is anything, and how the program ends. */
interface Way {
  readonly args?: readonly string[];
  readonly code?: number;
  /** Values of secrets, in both programs. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** How often: a cache shows from the second time on. */
  readonly times?: number;
  /** Why it cannot be run here. */
  readonly skip?: string | false;
}

/** The plugins that come with the program. */
const PLUGINS = resolve('plugins');

const WAYS: Readonly<Record<string, Way>> = {
  cache: { times: 2 },
  'build-cached': { times: 2 },
  changelog: { args: ['--input', 'repository=repository', '--input', 'count=2'] },
  container: { args: ['--input', `image=${TEST_IMAGE}`], skip: await dockerSkip() },
  conditions: { args: ['--input', 'deploy=true'] },
  environment: { args: ['--env', 'LAYER=runtime', '--env', 'RUNTIME=$HOME `id`', '--input', 'name=a b'] },
  'fail-fast': { code: 1 },
  failures: { code: 1 },
  files: { args: ['--input', 'who=$(id)'] },
  inputs: { args: ['--input', 'count=41', '--input', 'text=a "b" $c', '--input', 'dry=false'] },
  matrix: {},
  'conformance/matrix': { code: 1 },
  only: { args: ['--only', 'wanted(n=2),also-wanted'] },
  payload: { args: ['--event', 'event.json'] },
  retry: { code: 1 },
  'run-timeout': { code: 1 },
  secret: { secrets: { API_PASSWORD: 'correct-horse' } },
  secrets: { secrets: { KEY: 'open "sesame"', PIN: 'abcd' } },
  shells: { code: 1 },
};

let sandbox: DaemonSandbox;
let daemon: RunningDaemon;
const ending: (() => Promise<void> | void)[] = [];

before(async () => {
  sandbox = new DaemonSandbox({ after: (end) => ending.push(end as () => Promise<void>) });
  cpSync('workflows', sandbox.workflows, { recursive: true });
  cpSync(OWN, join(sandbox.workflows, 'conformance'), { recursive: true });
  writeFileSync(
    join(sandbox.folder, 'event.json'),
    '{"title":"it\'s $(odd)","deep":{"n":12345678901234567890,"flag":true}}',
  );
  makeRepository(join(sandbox.folder, 'repository'));
  daemon = await sandbox.start([], { RUNNER_PLUGINS_FOLDER: PLUGINS, RUNNER_DOCKER_SOCKET: DOCKER_SOCKET });
});

after(async () => {
  for (const end of ending) await end();
});

for (const name of readdirSync('workflows')) conforms(name.replace('.yml', ''));
for (const name of readdirSync(OWN)) conforms(`conformance/${name.replace('.yml', '')}`);

function conforms(id: string): void {
  const way = WAYS[id] ?? WAYS[id.replace('conformance/', '')] ?? {};
  const { args = [], code = 0, secrets = {}, times = 1, skip = false } = way;
  test(`${id} leaves the same record and the same logs, run by exec and by a daemon`, { skip }, async () => {
    const all = args.map((arg) => arg.replace(/(repository=|^)(repository|event\.json)$/, `$1${sandbox.folder}/$2`));
    for (const [name, value] of Object.entries(secrets)) await sandbox.cli(['secret', 'set', name], value);
    const names = Object.keys(secrets).flatMap((name) => ['--secret', name]);
    for (let time = 0; time < times; time++) {
      const file = join(sandbox.workflows, `${id}.yml`);
      const env = { ...secrets, RUNNER_DOCKER_SOCKET: DOCKER_SOCKET };
      const alone = await pictureOfExec(sandbox, file, ['--plugins', PLUGINS, ...all, ...names], env);
      const hosted = await pictureOfDaemon(sandbox, daemon, id, all);
      assert.equal(alone.code, code, JSON.stringify(alone, null, 1));
      assert.deepEqual(hosted, alone);
      for (const value of Object.values(secrets)) assert.ok(!JSON.stringify(hosted).includes(value));
    }
  });
}

function makeRepository(folder: string): void {
  mkdirSync(folder);
  const git = (...args: string[]) => spawnSync('git', args, { cwd: folder });
  git('init', '-q');
  for (const message of ['First step', 'It\'s a "quoted" $(step)']) {
    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-q', '--allow-empty', '-m', message);
  }
}
