import type { CacheEntry } from '../../generated/workflow-file.ts';
import type { CacheSpec } from '../../model/workflow.ts';
import { parseDuration } from '../../util/duration.ts';
import type { Path } from '../yaml/tree.ts';
import type { Scope } from './bad-reference.ts';
import type { TextCompiler } from './text-compiler.ts';

/** Builds a task's `cache`. */
export function buildCache(compiler: TextCompiler, path: Path, entry: CacheEntry, scope: Scope): CacheSpec {
  return {
    key: entry.key === undefined ? null : compiler.text([...path, 'key'], scope),
    inputs: entry.inputs ?? [],
    env: entry.env ?? [],
    paths: entry.paths ?? [],
    ttlMs: entry.ttl === undefined ? null : parseDuration(entry.ttl),
  };
}
