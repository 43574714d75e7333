import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Command } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/command-list.ts';
import * as exitCodes from '../../src/cli/exit-code.ts';

const PAGE = readFileSync('docs/command-line.md', 'utf8');
const commands: readonly Command[] = await Promise.all(COMMANDS.map((entry) => entry.load()));
const daemonVerbs = commands.filter(({ options }) => 'host' in options).map(({ name }) => name);

test('the table of exit codes is what the program exits with', () => {
  const documented = [...PAGE.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
  const codes = Object.values(exitCodes).sort((a, b) => a - b);
  assert.deepEqual(documented, codes);
});

test('the table of a daemon’s verbs lists them all, in the order of the help', () => {
  assert.deepEqual(firstColumn('## The verbs of a daemon'), daemonVerbs);
});

test('every verb of a daemon prints JSON, and the page says which', () => {
  for (const { name, options } of commands.filter(({ options }) => 'host' in options))
    assert.ok('json' in options, name);
  assert.deepEqual(firstColumn('**`--json`** prints').sort(), [...daemonVerbs].sort());
});

test('the README names every command', () => {
  const table = readFileSync('README.md', 'utf8').split('## Commands')[1]?.split('\n## ')[0] ?? '';
  for (const { name } of commands) assert.match(table, new RegExp(`\`(runner )?${name}\\b`), name);
});

test('every command loads under its own name, with a summary that fits a line of help', () => {
  for (const [index, { name, summary }] of commands.entries()) {
    assert.equal(name, COMMANDS[index]?.name);
    assert.ok(summary.length <= 80 && !summary.endsWith('.'), name);
  }
});

/** The words with which the code in the first column of the next table begins. */
function firstColumn(heading: string): string[] {
  const table =
    PAGE.split(heading)[1]
      ?.split(/\n\n(?=\|)/)[1]
      ?.split('\n\n')[0] ?? '';
  const cells = table
    .split('\n')
    .slice(2)
    .map((line) => line.split(/(?<!\\)\|/)[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z]+)/g)].map((match) => match[1] ?? ''));
}
