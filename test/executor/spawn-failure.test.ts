import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Spawn } from '../../src/model/ports.ts';
import { SpawnRig } from '../support/spawn-rig.ts';
import { STARTS } from '../support/starts.ts';

interface Case {
  readonly behaviour: string;
  readonly reason: string;
  readonly message: RegExp;
  start(rig: SpawnRig): { readonly argv: Spawn['argv']; readonly changes?: Partial<Spawn> };
}

const CASES: readonly Case[] = [
  {
    behaviour: 'a command that is not in PATH',
    reason: 'not_found',
    message: /"no-such-command" was not found in PATH/,
    start: () => ({ argv: ['no-such-command'] }),
  },
  {
    behaviour: 'a path to nothing',
    reason: 'not_found',
    message: /"\.\/missing" does not exist/,
    start: () => ({ argv: ['./missing'] }),
  },
  { behaviour: 'an empty command', reason: 'not_found', message: /is empty/, start: () => ({ argv: [''] }) },
  {
    behaviour: 'a file without the right to be executed',
    reason: 'not_executable',
    message: /is not executable; try `chmod \+x /,
    start: (rig) => ({ argv: [rig.write('plain', '#!/bin/sh\n', 0o644)] }),
  },
  {
    behaviour: 'a folder as a command',
    reason: 'not_executable',
    message: /is not a file/,
    start: (rig) => ({ argv: [rig.folder] }),
  },
  {
    behaviour: 'an interpreter that does not exist',
    reason: 'bad_interpreter',
    message: /"\/no\/such\/shell" in the first line of ".*script" does not exist/,
    start: (rig) => ({ argv: [rig.write('script', '#! /no/such/shell -x\n')] }),
  },
  {
    behaviour: 'Windows line ends behind the interpreter',
    reason: 'bad_interpreter',
    message: /Windows line ends \(CRLF\)/,
    start: (rig) => ({ argv: [rig.write('script', '#!/bin/sh\r\necho hi\r\n')] }),
  },
  {
    behaviour: 'a working folder that does not exist',
    reason: 'bad_working_dir',
    message: /"\/no\/such\/folder" does not exist/,
    start: () => ({ argv: ['true'], changes: { cwd: '/no/such/folder' } }),
  },
  {
    behaviour: 'a working folder that is a file',
    reason: 'bad_working_dir',
    message: /is not a folder/,
    start: (rig) => ({ argv: ['true'], changes: { cwd: rig.write('file', '') } }),
  },
  {
    behaviour: 'an argument longer than Linux takes',
    reason: 'too_long',
    message: /argument 1 is 131072 bytes long, the most is 131071; .*`files:`/,
    start: () => ({ argv: ['true', 'x'.repeat(131_072)] }),
  },
  {
    behaviour: 'a variable longer than Linux takes, counted in bytes with its name',
    reason: 'too_long',
    message: /environment variable LONG is 131072 bytes/,
    start: () => ({ argv: ['true'], changes: { env: { LONG: `x${'ü'.repeat(65_533)}` } } }),
  },
  {
    behaviour: 'arguments and environment of more than 1 MiB together',
    reason: 'too_long',
    message: /together are \d+ bytes long, the most is 1048576/,
    start: () => ({ argv: ['true', ...Array.from({ length: 11 }, () => 'x'.repeat(100_000))] }),
  },
  {
    behaviour: 'a NUL character in an argument',
    reason: 'bad_template',
    message: /argument 1 contains a NUL character/,
    start: () => ({ argv: ['true', 'a\0b'] }),
  },
];

for (const { way, fastAfter, skip } of STARTS) {
  for (const { behaviour, reason, message, start } of CASES) {
    test(`${behaviour} is ${reason}, started ${way}`, { skip }, async (t: TestContext) => {
      const rig = new SpawnRig(t, { fastAfter });
      const { argv, changes } = start(rig);
      const exit = await rig.run(argv, changes);
      assert.equal(exit.kind, 'failed');
      if (exit.kind !== 'failed') return;
      assert.equal(exit.reason, reason);
      assert.match(exit.message, message);
      assert.deepEqual(rig.io.handles, []);
    });
  }
}

test('a failed start leaves its pipes for the next task', async (t) => {
  const rig = new SpawnRig(t);
  for (let start = 0; start < 20; start++) await rig.run(['no-such-command']);
  await rig.run(['echo', 'hi']);
  assert.equal(rig.io.stdout, 'hi\n');
});
