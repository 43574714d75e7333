import { anyObject, described, flag, list, map, oneOf, type Schema, text, wish } from './shape.ts';

const name: Schema = { type: 'string', minLength: 1, maxLength: 1024 };

/** What a run is asked for with. */
export const runRequest = wish({
  inputs: described(anyObject, 'By name: text, or a value of the declared type'),
  env: map(text),
  only: list(name),
  payload: described(anyObject, 'Seen as trigger.payload'),
});

/** What a run is repeated with. */
export const rerunRequest = wish({
  failed: described(flag, 'Only what failed and what depends on it'),
  from: described(name, 'This task and what depends on it'),
  definition: described(oneOf('same', 'current'), 'The file as it was (default) or as it is now'),
});

/** A secret to keep. */
export const secretRequest = wish(
  {
    value: { type: 'string', minLength: 1 },
    workflow: name,
    namespace: name,
    allow: described(list(name), 'Patterns of workflow ids that may read it'),
  },
  ['value'],
);

export const pruneRequest = wish({ dry_run: flag });

export const backupRequest = wish({ folder: described(name, 'An absolute path that does not exist yet') }, ['folder']);
