/** How the values of a definition of the schema are called in messages, and how one is written. */
export interface Expectation {
  readonly what: string;
  readonly hint: string;
  /** The code of a value that is text but not written like this. */
  readonly code: string;
}

/** Words for the definitions that have a pattern; a test holds that none is missing. */
export const EXPECTATIONS: ReadonlyMap<string, Expectation> = new Map([
  ['taskName', name('a task name', 'a letter, then letters, digits, "_" or "-", at most 64 in all')],
  ['variableName', name('the name of a value', 'a letter or "_", then letters, digits, "_" or "-", at most 64 in all')],
  ['axisName', name('the name of an axis', 'a letter or "_", then letters, digits, "_" or "-", at most 64 in all')],
  ['inputName', name('the name of an input', 'a letter or "_", then letters, digits, "_" or "-", at most 64 in all')],
  ['secretName', name('the name of a secret', 'a letter or "_", then letters, digits or "_", at most 64 in all')],
  [
    'envName',
    {
      what: 'the name of an environment variable',
      hint: 'a letter or "_", then letters, digits or "_"',
      code: 'bad-env-name',
    },
  ],
  ['repository', value('a repository', 'owner/name, such as acme/site')],
  ['duration', value('a duration', 'a number and a unit: 50ms, 90s, 5m, 1h30m or 7d')],
  ['size', value('a size', 'a whole number and a unit: 64KiB, 512MiB or 2GiB')],
  ['fileMode', value('permission bits', 'three or four octal digits in quotes, such as "0644"')],
]);

/** What the items and values of a definition are called when a key of it is missing or unknown. */
export const CONTAINERS: ReadonlyMap<string, string> = new Map([
  ['taskEntry', 'a task'],
  ['importEntry', 'an import'],
  ['exportEntry', 'an export'],
  ['fileEntry', 'a file'],
  ['inputEntry', 'an input'],
  ['scheduleEntry', 'a schedule'],
  ['intervalEntry', 'an interval'],
  ['githubEntry', 'a github trigger'],
  ['eventFilter', 'an event filter'],
  ['triggers', '"on"'],
  ['matrix', 'a matrix'],
]);

function name(what: string, hint: string): Expectation {
  return { what, hint, code: 'bad-name' };
}

function value(what: string, hint: string): Expectation {
  return { what, hint, code: 'bad-value' };
}
