import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../src/cli/command-list.ts';
import { processesOf, RunningDaemon } from './support/daemon.ts';
import { Sandbox } from './support/program.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const README = readFileSync('README.md', 'utf8');

test('the first command of the README starts a daemon that fires within seconds', async (t) => {
  const [first] = [...README.matchAll(/```sh\n(.*?)\n```/gs)].map((match) => match[1]);
  assert.equal(first, 'npm ci && npm start');
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [node, ...args] = scripts.start.split(' ');
  assert.equal(node, 'node');
  const state = temporaryFolder(t);
  const env = { ...process.env, RUNNER_HOME: state, RUNNER_LISTEN: '127.0.0.1:0' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const daemon = new RunningDaemon(child, join(state, 'runnerd.sock'));
  try {
    const ended = await daemon.said('run ended', ({ workflow }) => workflow === 'heartbeat');
    assert.equal(ended.status, 'success');
  } finally {
    daemon.signal('SIGTERM');
    assert.deepEqual(await daemon.ended, { code: 0, signal: null });
    // The executor would wait a while for the next daemon.
    for (const pid of processesOf(state)) process.kill(pid, 'SIGKILL');
  }
});

test('every local page of the manual is in the README', () => {
  for (const page of readdirSync('docs')) assert.ok(README.includes(`](docs/${page})`), page);
});

test('every YAML block of the README is a workflow that runs', async (t) => {
  const blocks = [...README.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? '');
  assert.ok(blocks.length > 0);
  for (const block of blocks) {
    const { code, stderr } = await new Sandbox(t).exec(block);
    assert.equal(code, 0, stderr);
  }
});

test('the command table of the README lists the commands there are', () => {
  const listed = [...README.matchAll(/^\| `runner (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual(
    listed,
    COMMANDS.map((command) => command.name),
  );
});

test('every local link of the manual leads somewhere', () => {
  const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  for (const page of ['README.md', 'CHANGELOG.md', 'SECURITY.md', ...pages.map((name) => join('docs', name))]) {
    for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|mailto:)([^)#\s]+)/g))
      assert.ok(existsSync(join(dirname(page), target)), `${page}: ${target}`);
  }
});

test('the README names the keys that are refused for now', () => {
  const [, list = ''] = /are refused: (.*)\.$/m.exec(README) ?? [];
  const refused = new Set<string>();
  JSON.parse(readFileSync('schemas/workflow.schema.json', 'utf8'), (key, value) => {
    if (value?.['x-not-yet']) refused.add(`\`${key}\``);
    return value;
  });
  assert.deepEqual(new Set(list.split(', ')), refused);
});

test('the test command of the README is what CI runs', () => {
  assert.ok(README.includes('npm ci && npm run test:all'));
  assert.match(readFileSync('.ci/run', 'utf8'), /^npm ci && npm run test:all$/m);
});
