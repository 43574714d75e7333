import { canonicalJson } from '../../util/canonical-json.ts';
import type { CheckedFile } from './check.ts';

/** A workflow can be fired, by its triggers too, and no trigger stands there twice. */
export function checkTriggers(file: CheckedFile): void {
  const triggers = Object.entries(file.data.on ?? {}).filter(([, entries]) => entries !== undefined);
  if (triggers.length === 0 && !file.tree.dropped.has('on')) {
    file.reporter.info(
      'no-trigger',
      file.keyAt('taskGroup'),
      'the workflow has no trigger under `on`: it runs by hand only',
    );
  }
  if (triggers.length > 0) checkRequiredInputs(file);
  for (const [kind, entries] of triggers) {
    const seen = new Set<string>();
    for (const [position, entry] of (Array.isArray(entries) ? entries : []).entries()) {
      const identity = canonicalJson(entry);
      if (seen.has(identity)) {
        file.reporter.error('duplicate-trigger', file.at('on', kind, position), 'the same trigger stands here twice');
      }
      seen.add(identity);
    }
  }
}

/** Nobody is there to choose inputs when a trigger fires. */
function checkRequiredInputs(file: CheckedFile): void {
  for (const [name, input] of Object.entries(file.data.inputs ?? {})) {
    if (input.required !== true || input.default !== undefined) continue;
    const message = `no trigger can give the input "${name}", so whatever fires under \`on\` will start nothing`;
    file.reporter.warning('input-not-given', file.keyAt('inputs', name, 'required'), message, {
      hint: 'give it a default instead',
    });
  }
}
