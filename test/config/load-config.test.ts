import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ConfigInput, loadConfig } from '../../src/config/load-config.ts';
import { formatConfigProblems } from '../../src/config/print-problems.ts';
import { DEFAULT_LIMITS } from '../../src/workflow/limits.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SECRET = 'correct horse battery staple';

/** A folder with a state directory, and the input of a daemon started there. */
class Home {
  readonly folder: string;

  constructor(t: TestContext) {
    this.folder = temporaryFolder(t);
    mkdirSync(join(this.folder, 'state'));
  }

  write(name: string, text: string, mode = 0o600): string {
    const path = join(this.folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  load(given: Partial<ConfigInput> = {}) {
    const usualStateDir = join(this.folder, 'state');
    return loadConfig({ flags: {}, env: {}, cwd: this.folder, usualStateDir, processors: 1, ...given });
  }

  async fine(given?: Partial<ConfigInput>) {
    const loaded = await this.load(given);
    if ('problems' in loaded) assert.fail(formatConfigProblems(loaded, { color: false }));
    return loaded;
  }

  /** The first lines of what is said about a wrong configuration, without the folder. */
  async complaints(given?: Partial<ConfigInput>): Promise<string[]> {
    const loaded = await this.load(given);
    assert.ok('problems' in loaded, 'the configuration is fine');
    const text = formatConfigProblems(loaded, { color: false }).replaceAll(`${this.folder}/`, '');
    return text.split('\n').filter((line) => /^\S/.test(line));
  }
}

test('without any word from the user the defaults hold', async (t) => {
  const home = new Home(t);
  const { config, sources, file, warnings } = await home.fine();
  assert.deepEqual(config, {
    workflows: { path: join(home.folder, 'workflows'), shownAs: 'workflows' },
    stateDir: join(home.folder, 'state'),
    listen: { host: '127.0.0.1', port: 8420 },
    behindProxy: false,
    hostNames: [],
    github: { webhookSecrets: [] },
    webhook: { maxBodyBytes: 26_214_400 },
    maxRuns: 100,
    maxParallel: 2,
    queueLimit: 1_000,
    queueTimeoutMs: 86_400_000,
    drainMs: 30_000,
    onStop: 'detach',
    graceMs: 10_000,
    retention: { maxAgeMs: 30 * 86_400_000, maxRuns: 1_000, maxBytes: 10 * 1024 ** 3 },
    disk: { minFreeBytes: 500 * 1024 ** 2, minFreePercent: 5 },
    limits: DEFAULT_LIMITS,
    osExec: { user: null },
    docker: { socket: null, volumes: [], allowPrivileged: false, allowSocket: false },
    plugins: { folder: null, packages: [] },
    log: { level: 'info' },
    rescanMs: 30_000,
  });
  assert.deepEqual(new Set(sources.values()), new Set(['default']));
  assert.deepEqual([file, warnings], [null, []]);
});

test('an option beats a variable, a variable the file, the file the default', async (t) => {
  const home = new Home(t);
  home.write('state/config.yml', 'listen: 127.0.0.1:1\nrescan: 5s\nworkflows: flows\ndrain: 1m\n');
  const env = { RUNNER_LISTEN: '127.0.0.1:2', RUNNER_RESCAN: '6s', RUNNER_DRAIN: '' };
  const { config, sources, file } = await home.fine({ env, flags: { listen: '127.0.0.1:3' } });
  assert.deepEqual([config.listen.port, config.rescanMs, config.drainMs], [3, 6_000, 60_000]);
  assert.equal(config.workflows.path, join(home.folder, 'state/flows'));
  assert.equal(file, join(home.folder, 'state/config.yml'));
  const keys = ['listen', 'rescan', 'workflows', 'drain', 'grace'].map((key) => sources.get(key));
  assert.deepEqual(keys, ['flag', 'environment', 'file', 'file', 'default']);
});

test('a variable of a list has commas between the items', async (t) => {
  const env = { RUNNER_HOST_NAMES: 'CI.example.org, ci', RUNNER_GITHUB_WEBHOOK_SECRET: `${SECRET}, and more` };
  const { config } = await new Home(t).fine({ env });
  assert.deepEqual(config.hostNames, ['ci.example.org', 'ci']);
  assert.deepEqual(config.github.webhookSecrets, [`${SECRET}, and more`]);
});

test('a file that is named must be there; the usual one need not', async (t) => {
  const home = new Home(t);
  const told = ['other.yml:1:1: error: the file does not exist [cannot-read]'];
  assert.deepEqual(await home.complaints({ flags: { config: 'other.yml' } }), told);
  assert.deepEqual(await home.complaints({ env: { RUNNER_CONFIG: 'other.yml' } }), told);
  await home.fine({ flags: { 'state-dir': 'elsewhere' } });
});

test('a usual file that is there but cannot be read is not passed over', async (t) => {
  const home = new Home(t);
  symlinkSync('nowhere', join(home.folder, 'state/config.yml'));
  assert.deepEqual(await home.complaints(), ['state/config.yml:1:1: error: the file does not exist [cannot-read]']);
});

test('a named file is read instead of the usual one and may name the state directory', async (t) => {
  const home = new Home(t);
  home.write('state/config.yml', 'max_runs: 7\n');
  home.write('etc/runner.yml', 'state_dir: ../var\n');
  const { config } = await home.fine({ flags: { config: 'etc/runner.yml' } });
  assert.deepEqual([config.maxRuns, config.stateDir], [100, join(home.folder, 'var')]);
});

test('the file in the state directory cannot move the state', async (t) => {
  const home = new Home(t);
  home.write('state/config.yml', 'state_dir: /elsewhere\n');
  const [line] = await home.complaints();
  assert.match(line ?? '', /^state\/config.yml:1:12: error: "state_dir" cannot stand in the file that was found/);
});

test('an empty file, and one of comments, are fine', async (t) => {
  const home = new Home(t);
  for (const text of ['', '\n\n', '# nothing yet\n']) {
    home.write('state/config.yml', text);
    assert.equal((await home.fine()).config.maxRuns, 100);
  }
});

test('everything wrong with a file is told at once, each with its place', async (t) => {
  const home = new Home(t);
  home.write(
    'state/config.yml',
    'lisen: 1\nmax_runs: many\nretention:\n  max_age: 30\n  max_byte: 1GiB\ngrace: 2h\non_stop: cancle\nlisten: abc\nqueue_limit: 0\n',
  );
  assert.deepEqual(await home.complaints(), [
    'state/config.yml:1:1: error: unknown key "lisen" in the configuration; did you mean "listen"? [unknown-key]',
    'state/config.yml:2:11: error: "max_runs" must be a whole number, not "many" [wrong-type]',
    'state/config.yml:4:12: error: "max_age" must be a duration, not the number 30 [wrong-type]',
    'state/config.yml:5:3: error: unknown key "max_byte" in "retention"; did you mean "max_bytes"? [unknown-key]',
    'state/config.yml:6:8: error: "grace" must be at most 1h, not 2h [bad-value]',
    'state/config.yml:7:10: error: "on_stop" cannot be "cancle"; did you mean "cancel"? [bad-value]',
    'state/config.yml:8:9: error: "listen" must be HOST:PORT, not "abc" [bad-value]',
    'state/config.yml:9:14: error: "queue_limit" must be at least 1 [bad-value]',
  ]);
});

test('what is no configuration at all is refused', async (t) => {
  const home = new Home(t);
  for (const [text, code] of [
    ['- a\n', 'not-a-mapping'],
    ['listen: [\n', 'yaml-syntax'],
    ['a: 1\n---\nb: 1\n', 'many-documents'],
    ['listen: a\nlisten: b\n', 'duplicate-key'],
  ] as const) {
    home.write('state/config.yml', text);
    const loaded = await home.load();
    assert.ok('problems' in loaded && loaded.diagnostics.length > 0, code);
  }
});

test('options and variables are checked like the file, also those that another one beats', async (t) => {
  for (const listen of ['99999', 'abc', '-1']) {
    const [line] = await new Home(t).complaints({ flags: { listen } });
    assert.equal(line, `error: --listen must be HOST:PORT, not "${listen}"`);
  }
  const env = { RUNNER_LISTEN: 'abc', RUNNER_MAX_RUNS: '0', RUNNER_RESCAN: '1ms', RUNNER_BEHIND_PROXY: 'yes' };
  assert.deepEqual(await new Home(t).complaints({ env, flags: { listen: '127.0.0.1:1' } }), [
    'error: RUNNER_LISTEN must be HOST:PORT, not "abc"',
    'error: RUNNER_BEHIND_PROXY must be true or false, not "yes"',
    'error: RUNNER_MAX_RUNS must be a whole number from 1 to 1000000, not "0"',
    'error: RUNNER_RESCAN must be at least 1s, not 1ms',
  ]);
});

test('an address other machines can reach needs a proxy in front', async (t) => {
  const home = new Home(t);
  for (const listen of ['0.0.0.0:7777', '[::]:7777', 'ci.example.org:80']) {
    const [line] = await home.complaints({ flags: { listen } });
    assert.match(line ?? '', /^error: --listen must be an address of this machine alone/);
    await home.fine({ flags: { listen }, env: { RUNNER_BEHIND_PROXY: 'true' } });
  }
  home.write('state/config.yml', 'listen: 0.0.0.0:80\n');
  const [line] = await home.complaints();
  assert.match(line ?? '', /^state\/config.yml:1:9: error: "listen" must be an address of this machine alone/);
});

test('a secret is one long text or two, and is never repeated', async (t) => {
  const home = new Home(t);
  const set = async (value: string) => {
    home.write('state/config.yml', `github:\n  webhook_secret: ${value}\n`);
    return home.load();
  };
  for (const value of [
    'hunter2',
    `[${SECRET}, hunter2]`,
    '"                     "',
    '1234567890123456789',
    '{ a: hunter2 }',
    '[]',
    '"hunter2',
  ]) {
    const loaded = await set(value);
    assert.ok('problems' in loaded, value);
    const told = formatConfigProblems(loaded, { color: false });
    assert.doesNotMatch(told, /hunter2|horse|123456/, value);
  }
  for (const value of [SECRET, `[${SECRET}, ${SECRET} two]`]) assert.ok('config' in (await set(value)), value);
  const env = { RUNNER_GITHUB_WEBHOOK_SECRET: 'hunter2' };
  home.write('state/config.yml', '');
  assert.deepEqual(await home.complaints({ env }), [
    'error: RUNNER_GITHUB_WEBHOOK_SECRET must have at least 16 characters',
  ]);
});

test('a file with a secret that everyone can read is refused, and one that everyone can change always', async (t) => {
  const home = new Home(t);
  const text = `github: { webhook_secret: ${SECRET} }\n`;
  const path = home.write('state/config.yml', text, 0o644);
  const loaded = await home.load();
  assert.ok('problems' in loaded);
  assert.deepEqual(
    loaded.diagnostics.map(({ code, hint }) => [code, hint]),
    [['unsafe-permissions', `run \`chmod o-r ${path}\``]],
  );
  for (const mode of [0o600, 0o640]) {
    home.write('state/config.yml', text, mode);
    await home.fine();
  }
  home.write('state/config.yml', 'max_runs: 3\n', 0o644);
  await home.fine();
  home.write('state/config.yml', 'max_runs: 3\n', 0o646);
  assert.match((await home.complaints())[0] ?? '', /can be changed by everyone/);
});

test('a variable that is almost one of ours is a warning, those of tasks are none', async (t) => {
  const env = { RUNNER_LISEN: 'x', RUNNER_STATE_DIR: '/x', RUNNER_WORKFLOW: 'a', RUNNER_OS: 'Linux', RUNNER_TASK: 'b' };
  const { warnings } = await new Home(t).fine({ env });
  assert.deepEqual(warnings, [
    'the variable RUNNER_LISEN is not known; did you mean RUNNER_LISTEN?',
    'the variable RUNNER_STATE_DIR is not known; did you mean RUNNER_HOME?',
  ]);
});

test('a TZ that names no time zone is a mistake: schedules would fire at times nobody meant', async (t) => {
  const home = new Home(t);
  const hint = 'write a name such as Europe/Berlin or UTC, or unset it for the zone of this machine';
  for (const TZ of ['Mars/Base', 'CET-1CEST', '+02:00', '']) {
    const problem = { name: 'TZ', message: `TZ is not a time zone: "${TZ}"`, hint };
    assert.deepEqual(await home.load({ env: { TZ } }), { diagnostics: [], problems: [problem] });
  }
  for (const TZ of [undefined, 'UTC', 'Europe/Berlin', ':Europe/Berlin', 'EST5EDT']) await home.fine({ env: { TZ } });
});
