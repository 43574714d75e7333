import type { SpecType } from '../../model/extension.ts';
import type { BrokenPlugin, SchemaError } from '../../model/ports.ts';
import { nearest } from '../../util/nearest.ts';
import { prune } from '../schema/prune.ts';
import { reportSchemaErrors } from '../schema/schema-errors.ts';
import type { SchemaNode } from '../schema/subschema.ts';
import type { Range } from '../source.ts';
import type { Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** Reports how the mapping at a path does not fit what its type wants, and takes the wrong parts out of the tree. */
export function judgeSpec(file: CheckedFile, base: Path, type: SpecType, spec: unknown, title: string): void {
  reportSpec(file, base, type.validate(spec), (type.schema ?? {}) as SchemaNode, title);
}

/** Reports errors of the mapping at a path, and takes the wrong parts out of the tree. */
export function reportSpec(
  file: CheckedFile,
  base: Path,
  errors: readonly SchemaError[],
  schema: SchemaNode,
  title: string,
): void {
  const node = file.node(...base);
  if (node?.kind !== 'map' || errors.length === 0) return;
  reportSchemaErrors(errors, { tree: file.tree, base, schema, title }, file.reporter);
  if (!prune(node, errors)) node.entries.clear();
}

/** Says that nothing of this name is there: since its plugin cannot be used, or at all. `what` is what it would be. */
export function reportMissing(
  { reporter, broken }: CheckedFile,
  range: Range,
  name: string,
  missing: { readonly what: string; readonly code: string; readonly known: readonly string[] },
): void {
  const { what, code, known } = missing;
  const own = broken.find((plugin) => plugin.name === name);
  if (own !== undefined) {
    const message = `the plugin "${name}" (${own.file}) cannot be used: ${own.reason}`;
    reporter.error('broken-plugin', range, message, { hint: whereIn(own.details) });
    return;
  }
  const guess = nearest(name, known);
  const message = `there is no ${what} "${name}"${guess ? `; did you mean "${guess}"?` : ''}`;
  const list = known.length > 0 ? `there are: ${known.join(', ')}` : 'no plugin brings one';
  reporter.error(code, range, message, { hint: `${list}${others(broken)}` });
}

/** What else might have brought it, in words. */
export function others(broken: readonly BrokenPlugin[]): string {
  return broken.map(({ file, reason }) => `; the plugin ${file} cannot be used: ${reason}`).join('');
}

/** The first line of a stack that is not Node's own, or the last of other last words. */
export function whereIn(details: string): string | undefined {
  const lines = details.split('\n').map((line) => line.trim());
  const frames = lines.filter((line) => line.startsWith('at '));
  if (frames.length > 0) return frames.find((line) => !line.includes('node:'));
  return lines.findLast((line) => line !== '');
}
