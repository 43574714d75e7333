import type { Tags } from '../../generated/workflow-file.ts';
import type { CheckedFile } from '../checks/check.ts';
import type { Path } from '../yaml/tree.ts';
import type { TextCompiler } from './text-compiler.ts';

/** Tags as text; numbers and booleans exactly as written. */
export function buildTags(
  file: CheckedFile,
  compiler: TextCompiler,
  path: Path,
  tags: Tags | undefined,
): Readonly<Record<string, string>> {
  const built: Record<string, string> = {};
  for (const key of Object.keys(tags ?? {})) {
    const node = file.node(...path, key);
    if (node?.kind === 'scalar') built[key] = compiler.written(node);
  }
  return built;
}
