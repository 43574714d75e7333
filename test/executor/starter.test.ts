import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { SpawnRig } from '../support/spawn-rig.ts';
import { POSIX_SKIP, STARTS } from '../support/starts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const OVER = { kind: 'exited', code: 0 };

for (const { way, fastAfter, skip } of STARTS) {
  const starts = (behaviour: string, body: (rig: SpawnRig) => Promise<void>): void => {
    test(`started ${way}: ${behaviour}`, { skip }, (t) => body(new SpawnRig(t, { fastAfter })));
  };

  starts('a task leads a session and a group of its own', async (rig) => {
    await rig.run(['sh', '-c', 'echo $$; cut -d " " -f 5,6 /proc/$$/stat']);
    const [pid, ids] = rig.io.stdout.trim().split('\n');
    assert.equal(ids, `${pid} ${pid}`);
  });

  starts('a task has an empty stdin, its two pipes and nothing of ours', async (rig) => {
    await rig.run(['sh', '-c', 'ls -l /proc/$$/fd; cat']);
    const open = [...rig.io.stdout.matchAll(/ (\d+) -> (.*)$/gm)].map(([, number, target = '']) => ({
      number,
      target,
    }));
    const [stdin, stdout, stderr, ...others] = open;
    assert.deepEqual(stdin, { number: '0', target: '/dev/null' });
    for (const [index, pipe] of [stdout, stderr].entries()) {
      assert.equal(pipe?.number, String(index + 1));
      assert.ok(pipe.target.startsWith(rig.fifoDir));
    }
    for (const { target } of others) assert.equal(target, '/dev/null');
  });

  starts('no signal is blocked or ignored in a task', async (rig) => {
    const ignore = (): void => {};
    process.on('SIGHUP', ignore);
    await rig.run(['grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status']);
    process.off('SIGHUP', ignore);
    assert.match(rig.io.stdout, /^SigBlk:\t0+\nSigIgn:\t0+\n$/);
  });

  starts('every exit code and signal is told', async (rig) => {
    for (const code of [0, 1, 127, 255])
      assert.deepEqual(await rig.run(['sh', '-c', `exit ${code}`]), { ...OVER, code });
    for (const signal of ['SIGHUP', 'SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM'])
      assert.deepEqual(await rig.run(['sh', '-c', `kill -${signal.slice(3)} $$`]), { kind: 'signaled', signal });
  });

  starts('a task that was stopped for a while has not ended', async (rig) => {
    const script = '(sleep 0.1; kill -CONT $$) & kill -STOP $$; wait; exit 4';
    assert.deepEqual(await rig.run(['sh', '-c', script]), { ...OVER, code: 4 });
  });

  starts('arguments, variables and the folder arrive byte for byte', async (rig) => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));
    const folder = join(rig.folder, 'Ünï cöde; $(x)');
    mkdirSync(folder);
    await fc.assert(
      fc.asyncProperty(text, text, async (argument, value) => {
        const before = rig.io.stdout.length;
        const script = 'printf "%s\\n" "$1" "$V" "$PWD"';
        assert.deepEqual(await rig.run(['sh', '-c', script, 'sh', argument], { env: { V: value }, cwd: folder }), OVER);
        const sent = Buffer.from(`${argument}\n${value}\n${folder}\n`).toString();
        assert.equal(rig.io.stdout.slice(before), sent);
      }),
      { numRuns: 40 },
    );
  });

  starts('the longest argument and variable that Linux takes are passed', async (rig) => {
    const env = { LONG: 'x'.repeat(131_071 - 'LONG='.length) };
    const argv = ['sh', '-c', 'printf "%s %s" "${#1}" "${#LONG}"', 'sh', 'x'.repeat(131_071)] as const;
    assert.deepEqual(await rig.run(argv, { env }), OVER);
    assert.equal(rig.io.stdout, '131071 131066');
  });

  starts('a command is looked for in the PATH of the task', async (rig) => {
    mkdirSync(join(rig.folder, 'bin'));
    rig.write('bin/only-here', '#!/bin/sh\necho "$0"\n');
    for (const PATH of [join(rig.folder, 'bin'), '/nowhere:bin']) await rig.run(['only-here'], { env: { PATH } });
    assert.equal(rig.io.stdout, `${join(rig.folder, 'bin/only-here')}\nbin/only-here\n`);
  });

  starts('a folder of PATH is relative to the working folder of the task, and its order counts', async (rig) => {
    mkdirSync(join(rig.folder, 'bin'));
    for (const name of ['true', 'bin/true']) rig.write(name, '#!/bin/sh\necho "own $0"\n');
    for (const PATH of ['bin:/usr/bin:/bin', ':/usr/bin:/bin', '/usr/bin:/bin:bin'])
      await rig.run(['true'], { env: { PATH } });
    assert.match(rig.io.stdout, /^own bin\/true\nown (\.\/)?true\n$/);
  });

  starts('a path is relative to the working folder of the task', async (rig) => {
    rig.write('here', '#!/bin/sh\necho found\n');
    assert.deepEqual(await rig.run(['./here']), OVER);
    assert.equal(rig.io.stdout, 'found\n');
  });

  starts('a script without a first line for its interpreter is one for sh', async (rig) => {
    rig.write('plain', 'echo "plain $1"\n');
    assert.deepEqual(await rig.run(['./plain', 'script']), OVER);
    assert.equal(rig.io.stdout, 'plain script\n');
  });

  test(`started ${way}: a task that lets go of its output is still waited for`, { skip }, async (t) => {
    const script = 'exec >&- 2>&-; sleep 0.3; exit 3';
    const argv = [
      '--import',
      'tsx',
      resolve('test/support/spawn-probe.ts'),
      'close',
      temporaryFolder(t),
      'sh',
      '-c',
      script,
    ];
    const env = { ...process.env, FAST_AFTER: String(fastAfter) };
    const { stdout } = await promisify(execFile)(process.execPath, argv, { env });
    assert.deepEqual(JSON.parse(stdout).exit, { ...OVER, code: 3 });
  });

  starts('many at a time end, each with its own code', async (rig) => {
    const codes = Array.from({ length: 100 }, (_, index) => index);
    const ends = await Promise.all(codes.map((code) => rig.run(['sh', '-c', `exit ${code}`])));
    assert.deepEqual(
      ends,
      codes.map((code) => ({ ...OVER, code })),
    );
  });
}

test('the faster way is made ready for the 33rd start, and given back with the spawner', {
  skip: POSIX_SKIP,
}, async (t) => {
  const listeners = process.listenerCount('SIGCHLD');
  const rig = new SpawnRig(t);
  for (let start = 0; start < 32; start++) await rig.run(['true']);
  assert.equal(process.listenerCount('SIGCHLD'), listeners);
  await rig.run(['true']);
  assert.equal(process.listenerCount('SIGCHLD'), listeners + 1);
  await rig.spawner.close();
  assert.equal(process.listenerCount('SIGCHLD'), listeners);
});
