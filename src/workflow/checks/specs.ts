import { envsFix } from '../schema/fixes.ts';
import { prune } from '../schema/prune.ts';
import type { SchemaNode } from '../schema/subschema.ts';
import type { CheckedFile } from './check.ts';
import { reportSpec } from './judge-spec.ts';

/** Every `spec` fits what its driver wants; wrong parts are taken out of the tree. */
export function checkSpecs(file: CheckedFile): void {
  for (const [index, { type: name, spec }] of file.data.taskGroup.entries()) {
    const type = name === undefined ? undefined : file.types.get(name);
    const node = file.node('taskGroup', index, 'spec');
    if (type === undefined || spec === undefined || node?.kind !== 'map') continue;
    const errors = type.validate(spec);
    if (errors.length === 0) continue;
    const own = [...(type.without?.includes('env') ? [] : ['env']), ...Object.keys(type.templates)];
    const known = own.map((key) => [key, {}]);
    const { properties } = (type.schema ?? {}) as SchemaNode;
    const schema = { properties: properties ?? Object.fromEntries(known) };
    const hasList = errors.some(({ params }) => params.additionalProperty === 'envs');
    if (hasList) reportEnvs(file, index);
    const rest = errors.filter(({ params }) => params.additionalProperty !== 'envs');
    if (hasList) prune(node, errors);
    reportSpec(file, ['taskGroup', index, 'spec'], rest, schema, `the spec of ${name}`);
  }
}

// The seed's spelling: a list of mappings.
function reportEnvs(file: CheckedFile, index: number): void {
  const range = file.keyAt('taskGroup', index, 'spec', 'envs');
  file.reporter.error('unknown-key', range, 'unknown key "envs" in the spec of a task; did you mean "env"?', {
    hint: 'write one mapping, `env: { NAME: value }`, not a list',
    fix: envsFix(file.node('taskGroup', index, 'spec'), file.reporter.source.text),
  });
}
