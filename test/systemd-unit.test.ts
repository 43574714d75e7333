import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { unit } from '../src/cli/runnerd-unit.ts';
import { systemdUnit, type UnitOptions, unitProblem } from '../src/systemd-unit.ts';
import { MemoryTerminal } from './support/memory-terminal.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const USUAL: UnitOptions = {
  program: [process.execPath, '/usr/lib/node_modules/runner/dist/runnerd.cjs'],
  user: 'games',
  taskUser: null,
  stateName: 'runnerd',
  workflows: '/etc/runnerd/workflows',
  config: null,
  writable: [],
  drainMs: 30_000,
  graceMs: 10_000,
};

const ODD: UnitOptions = {
  ...USUAL,
  workflows: '/srv/100% of "it", $HOME\\n',
  config: '/etc/runnerd/config.yml',
  writable: ['/srv/my builds', '/var/cache/50%'],
};

const SHARED: UnitOptions = { ...USUAL, taskUser: 'nobody' };

const missing = spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd-analyze is not installed';

for (const [name, options] of Object.entries({ usual: USUAL, odd: ODD, shared: SHARED })) {
  test(`the ${name} unit is what systemd understands, without a word`, { skip: missing }, (t) => {
    const { status, stdout, stderr } = analyze(t, options, ['verify', '--man=no']);
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });

  test(`the ${name} unit is exposed no more than it says`, { skip: missing }, (t) => {
    const most = 4;
    const { status, stdout } = analyze(t, options, ['security', '--offline=true', `--threshold=${most * 10}`]);
    assert.equal(status, 0, stdout);
    const level = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    assert.ok(level <= most, stdout);
  });
}

test('the daemon alone is told to stop, and gets the time its runs need', () => {
  const lines = systemdUnit({ ...USUAL, drainMs: 3_600_500 }).split('\n');
  assert.ok(lines.includes('KillMode=process'));
  assert.ok(lines.includes('TimeoutStopSec=3641'));
  assert.ok(lines.includes('OOMPolicy=continue'));
  assert.ok(lines.some((line) => line.startsWith('ExecStart=') && line.includes(' --drain 3600500ms')));
});

test('what systemd would expand is taken as it stands', () => {
  const start = /^ExecStart=(.*)$/m.exec(systemdUnit(ODD))?.[1] ?? '';
  assert.match(start, /--workflows "\/srv\/100%% of \\"it\\", \$\$HOME\\\\n"/);
  assert.match(start, / --config %d\/config\.yml$/);
});

test('the command prints the unit it was asked for, and refuses what cannot be', async () => {
  const { code, stdout } = await runUnit({ user: 'ci', stateDir: '/var/lib/ci', workflows: '/srv/w', drain: '1m' });
  assert.equal(code, 0);
  for (const line of ['User=ci', 'StateDirectory=ci ci/tmp', 'TimeoutStopSec=100'])
    assert.ok(stdout.includes(`\n${line}\n`));
  assert.match(
    stdout,
    /^ExecStart=\/usr\/bin\/node \/opt\/runnerd\.cjs --workflows \/srv\/w --state-dir \/var\/lib\/ci --drain 60000ms$/m,
  );
  for (const options of [{ stateDir: '/srv/state' }, { drain: 'soon' }, { workflows: 'w' }, { user: 'a b' }]) {
    const refused = await runUnit(options);
    assert.deepEqual([refused.code, refused.stdout], [2, ''], JSON.stringify(options));
    assert.match(refused.stderr, /^runnerd unit: .+\n$/);
  }
});

test('the manual says what each line of the unit is for', () => {
  const manual = readFileSync('docs/systemd.md', 'utf8');
  const names = [...systemdUnit(ODD).matchAll(/^(\w+)=/gm)].map((match) => match[1] ?? '');
  assert.deepEqual(
    [...new Set(names)].filter((name) => !manual.includes(`\`${name}`)),
    [],
  );
});

test('homes are hidden unless something needed stands there', () => {
  assert.match(systemdUnit(USUAL), /^ProtectHome=yes$/m);
  for (const path of ['/home/ann/workflows', '/root/w']) {
    assert.match(systemdUnit({ ...USUAL, workflows: path }), /^ProtectHome=read-only$/m);
  }
  const program = ['/home/ann/.nvm/node', '/x'] as const;
  assert.match(systemdUnit({ ...USUAL, program }), /^ProtectHome=read-only$/m);
  assert.match(systemdUnit({ ...USUAL, workflows: '/homes/w' }), /^ProtectHome=yes$/m);
});

test('with a user for tasks the daemon keeps the rights to become that user, and the way to its folders open', () => {
  const lines = systemdUnit(SHARED).split('\n');
  assert.ok(lines.includes('Environment=RUNNER_OS_EXEC_USER=nobody'));
  assert.ok(lines.includes('StateDirectoryMode=0711'));
  assert.ok(lines.some((line) => line.startsWith('AmbientCapabilities=CAP_SETUID CAP_SETGID CAP_KILL ')));
  assert.ok(systemdUnit(USUAL).includes('\nAmbientCapabilities=\n'));
  assert.equal(typeof unitProblem({ ...SHARED, taskUser: 'a b' }), 'string');
});

test('what cannot stand in a unit is refused', () => {
  assert.equal(unitProblem(USUAL), null);
  assert.equal(unitProblem(ODD), null);
  const wrong: Partial<UnitOptions>[] = [
    { user: 'a b' },
    { user: '' },
    { stateName: '../x' },
    { stateName: '..' },
    { workflows: '/a\nExecStartPost=/bin/evil' },
    { config: '/etc/a b' },
    { writable: ['/a\tb'] },
  ];
  for (const change of wrong)
    assert.equal(typeof unitProblem({ ...USUAL, ...change }), 'string', JSON.stringify(change));
});

async function runUnit(options: Readonly<Record<string, string>>) {
  const [stdout, stderr] = [new MemoryTerminal(), new MemoryTerminal()];
  const args = { options: { writable: [], ...options }, operands: [] };
  const code = await unit.run(
    args as never,
    { stdout, stderr, program: ['/usr/bin/node', '/opt/runnerd.cjs'] } as never,
  );
  return { code, stdout: stdout.text, stderr: stderr.text };
}

function analyze(t: TestContext, options: UnitOptions, [verb = '', ...args]: readonly string[]) {
  const folder = temporaryFolder(t);
  const program: [string, string] = [process.execPath, join(folder, 'runnerd.cjs')];
  mkdirSync(join(folder, 'workflows'));
  writeFileSync(program[1], '');
  const file = join(folder, 'runnerd.service');
  writeFileSync(file, systemdUnit({ ...options, program }));
  return spawnSync('systemd-analyze', [verb, ...args, file], { encoding: 'utf8', env: { PATH: process.env.PATH } });
}
