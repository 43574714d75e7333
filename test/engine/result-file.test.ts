import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readResultFile } from '../../src/engine/result-file.ts';
import { SecretSet } from '../../src/util/mask/secret-set.ts';
import { processJob } from '../support/process-driver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Puts a folder and a link in turn where the reader looks, until it is killed. */
const SWAP = `const { renameSync } = require('node:fs');
process.stdout.write('swapping');
for (;;) {
  renameSync('d', 'folder'); renameSync('link', 'd');
  renameSync('d', 'link'); renameSync('folder', 'd');
}`;

test('no link that is put in the way while the result is read leads out of the workspace', async (t) => {
  const place = temporaryFolder(t);
  const [workspace, outside] = [join(place, 'workspace'), join(place, 'outside')];
  for (const [folder, text] of [
    [join(workspace, 'd'), 'own'],
    [outside, 'of others'],
  ] as const) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'note'), text);
  }
  symlinkSync(outside, join(workspace, 'link'));
  const swapper = spawn(process.execPath, ['-e', SWAP], { cwd: workspace });
  await once(swapper.stdout, 'data');
  const job = { ...processJob(workspace, 'true'), workspace, resultFile: 'd/note' };
  const seen = new Set<string | undefined>();
  try {
    for (let look = 0; look < 3_000; look++) {
      const { result, note } = await readResultFile(job, new SecretSet());
      seen.add(result?.text ?? note?.replace(/^.*" /, ''));
    }
  } finally {
    // Before the folder is removed, in which it is at work.
    swapper.kill('SIGKILL');
    await once(swapper, 'exit');
  }
  assert.ok(seen.has('own'));
  assert.ok(seen.has('is not in the workspace'));
  assert.ok(!seen.has('of others'));
});
