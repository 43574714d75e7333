import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMANDS } from '../src/cli/command-list.ts';
import { Sandbox } from './support/program.ts';

const README = readFileSync('README.md', 'utf8');

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

test('every local link of the README leads somewhere', () => {
  for (const [, target] of README.matchAll(/\]\((?!https?:)([^)#]+)/g)) assert.ok(existsSync(target ?? ''), target);
});

test('the test command of the README is what CI runs', () => {
  assert.ok(README.includes('npm ci && npm run test:all'));
  assert.match(readFileSync('.ci/run', 'utf8'), /^npm ci && npm run test:all$/m);
});
