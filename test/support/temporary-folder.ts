import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A folder that is removed when the test ends. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  // What is ending may still make something in it.
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 50 }));
  return folder;
}
