import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder for all tests of a file, removed when they have ended. */
export function folderForFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
