import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { COMMANDS } from '../../src/cli/command-list.ts';
import { DaemonSandbox } from '../support/daemon.ts';
import { PROGRAM, Sandbox } from '../support/program.ts';

type Shell = 'bash' | 'zsh' | 'fish';

const WORKFLOW = 'taskGroup:\n  - { name: build, run: x }\n  - { name: bundle, run: x }\n  - { name: test, run: x }\n';

/** A folder with a workflow, and the built program as `runner` in the PATH. */
function rig(t: TestContext): { sandbox: Sandbox; env: Record<string, string> } {
  const sandbox = new Sandbox(t);
  symlinkSync(PROGRAM, join(sandbox.folder, 'runner'));
  sandbox.write('ci.yml', WORKFLOW);
  sandbox.write('notes.txt', '');
  return { sandbox, env: { ...sandbox.env, PATH: `${sandbox.folder}:${sandbox.env.PATH}` } };
}

function missing(shell: Shell): string | false {
  return spawnSync(shell, ['-c', ':']).error ? `${shell} is not installed` : false;
}

async function script(sandbox: Sandbox, shell: Shell): Promise<void> {
  const { code, stdout, stderr } = await sandbox.run(['completion', shell]);
  assert.equal(code, 0, stderr);
  sandbox.write(`completion.${shell}`, stdout);
}

const CASES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['runner va', ['validate']],
  ['runner exec --dr', ['--dry-run']],
  ['runner exec ci.yml --only bu', ['build', 'bundle']],
  ['runner exec ci.yml --only build,te', ['build,test']],
  ['runner validate --format sa', ['sarif']],
  ['runner validate --fi', ['--fix']],
  ['runner completion fi', ['fish']],
  ['runner cache pu', ['purge']],
  ['runner help ini', ['init']],
];

for (const shell of ['bash', 'fish'] as const) {
  test(`${shell} completes commands, options, their values and the tasks of a file`, {
    skip: missing(shell),
  }, async (t) => {
    const { sandbox, env } = rig(t);
    await script(sandbox, shell);
    for (const [line, words] of CASES) assert.deepEqual(completed(shell, line, sandbox, env), words, line);
  });
}

test('bash offers all commands, workflow files as operands, and takes --option=value', {
  skip: missing('bash'),
}, async (t) => {
  const { sandbox, env } = rig(t);
  await script(sandbox, 'bash');
  const ask = (line: string) => completed('bash', line, sandbox, env);
  for (const { name } of COMMANDS) assert.ok(ask('runner ').includes(name), name);
  assert.deepEqual(ask('runner exec '), ['ci.yml']);
  assert.deepEqual(ask('runner exec ci.yml --only = te'), ['test']);
  assert.deepEqual(ask('runner exec --event n'), ['notes.txt']);
  assert.deepEqual(ask('runner exec ci.yml -j '), []);
});

test('bash never runs what a file holds', { skip: missing('bash') }, async (t) => {
  const { sandbox, env } = rig(t);
  await script(sandbox, 'bash');
  sandbox.write('$(touch pwned).yml', WORKFLOW);
  assert.deepEqual(completed('bash', 'runner exec $', sandbox, env), ['$(touch pwned).yml']);
  assert.equal(spawnSync('test', ['-e', join(sandbox.folder, 'pwned')]).status, 1);
});

test('zsh reads the script and completes at its prompt', { skip: missing('zsh') }, async (t) => {
  const { sandbox, env } = rig(t);
  await script(sandbox, 'zsh');
  const parsed = spawnSync('zsh', ['-n', 'completion.zsh'], { cwd: sandbox.folder, env });
  assert.equal(parsed.status, 0, parsed.stderr.toString());
  sandbox.write('ask.zsh', ZSH_ASK);
  for (const [line, words] of CASES.filter(([, words]) => words.length === 1)) {
    assert.deepEqual(completed('zsh', line, sandbox, env), words, line);
  }
});

test('each shell completes the workflows and runs of a daemon, and says nothing where there is none', async (t) => {
  const { sandbox, env } = rig(t);
  const daemons = new DaemonSandbox(t);
  for (const id of ['ops/backup', 'ops/clean']) daemons.write(id, "taskGroup: [{ name: a, run: 'true' }]\n");
  const daemon = await daemons.start();
  const id = await daemon.run('ops/clean');
  const last = await daemon.run('ops/backup');
  const cases: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['runner run ops/b', ['ops/backup']],
    ['runner runs --workflow ops/c', ['ops/clean']],
    ['runner logs -f ops/clean#', ['ops/clean#1']],
    ['runner show la', ['last']],
    [`runner cancel ${id.slice(0, -1)}`, [...new Set([id, last])].filter((one) => one.startsWith(id.slice(0, -1)))],
    ['runner run nothing', []],
    ['runner run ops/backup ops', []],
  ];
  const shells = (['bash', 'fish', 'zsh'] as const).filter((shell) => missing(shell) === false);
  for (const shell of shells) {
    await script(sandbox, shell);
    sandbox.write('ask.zsh', ZSH_ASK);
    for (const [line, words] of cases) {
      // At a prompt of zsh a word that nothing is found for stays.
      if (shell === 'zsh' && words.length === 0) continue;
      const found = completed(shell, line, sandbox, { ...env, RUNNER_HOME: daemons.stateDir });
      // zsh quotes what it puts in.
      assert.deepEqual(
        found.map((word) => word.replaceAll('\\', '')),
        words,
        `${shell} ${line}`,
      );
    }
    if (shell !== 'zsh')
      assert.deepEqual(completed(shell, 'runner run ', sandbox, env), [], `${shell} without a daemon`);
  }
  const both = completed('bash', 'runner run ', sandbox, { ...env, RUNNER_HOME: daemons.stateDir });
  assert.deepEqual(both, ['ops/backup', 'ops/clean']);
});

test('an unknown shell is a mistake', async (t) => {
  const { code, stderr } = await new Sandbox(t).run(['completion', 'tcsh']);
  assert.equal(code, 2);
  assert.equal(stderr, 'runner completion: expected one of bash, zsh, fish\n');
});

function completed(shell: Shell, line: string, { folder }: Sandbox, env: Record<string, string>): string[] {
  const result = spawnSync(shell, ASK[shell](line), {
    cwd: folder,
    env,
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  assert.equal(result.status, 0, result.stderr.toString());
  return result.stdout
    .toString()
    .split('\n')
    .filter((word) => word !== '')
    .sort();
}

const BASH_ASK = `source ./completion.bash
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _runner
printf '%s\\n' "\${COMPREPLY[@]}"`;

const FISH_ASK = "source completion.fish; complete -C $argv[1] | string replace -r '\\t.*' ''; true";

/** The arguments with which a shell prints what it would complete. */
const ASK: Readonly<Record<Shell, (line: string) => string[]>> = {
  bash: (line) => ['-c', BASH_ASK, 'bash', ...line.split(' ')],
  fish: (line) => ['-c', FISH_ASK, line],
  zsh: (line) => ['-f', 'ask.zsh', line],
};

// A prompt on a terminal of its own: the line and a tab go in, the line it became is printed by a key bound for that.
const ZSH_ASK = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PROMPT= PS2=; autoload -Uz compinit; compinit -D -u; source ./completion.zsh'
zpty -w shell 'show() { print -r -- "<<\${BUFFER% }>>"; BUFFER=; }; zle -N show; bindkey "^X" show; print -r -- READY-\${:-now}'
until [[ $seen == *READY-now* ]]; do zpty -r shell part; seen+=$part; done
zpty -n -w shell "$1"$'\\t\\x18'
seen=
until [[ $seen == *'<<'*'>>'* ]]; do zpty -r shell part; seen+=$part; done
line=\${\${seen##*'<<'}%%'>>'*}
print -r -- \${line##* }
zpty -d shell
`;
