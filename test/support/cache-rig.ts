import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CachePorts } from '../../src/engine/cache/cache-request.ts';
import { FileDigests } from '../../src/engine/cache/file-digests.ts';
import { BlobFolder } from '../../src/store/blob-folder.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { systemClock } from '../../src/util/clock.ts';
import { Vault } from '../../src/util/vault.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A workspace and a cache that survive the runs of one test. */
export interface CacheRig {
  readonly workspace: string;
  readonly blobFolder: string;
  readonly ports: CachePorts;
}

/** Makes a cache in memory, its files in a temporary folder. */
export function cacheRig(t: TestContext): CacheRig {
  const folder = temporaryFolder(t);
  const [workspace, blobFolder] = [join(folder, 'workspace'), join(folder, 'blobs')];
  mkdirSync(workspace);
  const vault = new Vault(randomBytes(32));
  const digests = new FileDigests(systemClock);
  const ports = {
    store: new MemoryStore(),
    blobs: new BlobFolder(blobFolder, vault),
    vault,
    digests,
    scope: workspace,
  };
  return { workspace, blobFolder, ports };
}
