import type { Diagnostic } from '../model/diagnostic.ts';

/** Whether a name is passed over: hidden files and folders, and what editors put beside a file. */
export function isPassedOver(name: string): boolean {
  return /^[.#~]/.test(name);
}

/** Whether a file of this name is meant to be a workflow. */
export function isWorkflowFile(name: string): boolean {
  return EXTENSION.test(name);
}

/** The id of a workflow: its path below the folder, with `/`, without extension. */
export function idOf(path: string): string {
  return path.replace(EXTENSION, '');
}

/** What is wrong with the names of the files, by path: names that cannot be ids, and ids that more than one file claims. */
export function complaintsAbout(
  paths: readonly string[],
  shown: (path: string) => string,
): ReadonlyMap<string, readonly Diagnostic[]> {
  const claims = new Map<string, string[]>();
  for (const path of paths) {
    const claim = idOf(path).toLowerCase();
    claims.set(claim, [...(claims.get(claim) ?? []), path]);
  }
  const complaints = new Map<string, readonly Diagnostic[]>();
  for (const path of paths) {
    const rivals = (claims.get(idOf(path).toLowerCase()) ?? []).filter((other) => other !== path);
    const found = [...rivals.map((other) => rivalry(path, other, shown)), ...badName(path, shown)];
    if (found.length > 0) complaints.set(path, found);
  }
  return complaints;
}

const EXTENSION = /\.ya?ml$/i;

// Ids are parts of keys, of addresses and of names of folders.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function rivalry(path: string, other: string, shown: (path: string) => string): Diagnostic {
  const message =
    idOf(path) === idOf(other)
      ? `"${shown(path)}" and "${shown(other)}" are both the workflow "${idOf(path)}"`
      : `"${shown(path)}" and "${shown(other)}" differ in upper and lower case only`;
  const hint = 'keep one of them, or give one another name';
  return {
    code: 'same-workflow',
    severity: 'error',
    message,
    place: startOf(shown(path)),
    hint,
    related: [{ message: 'the other one is here', place: startOf(shown(other)) }],
  };
}

function badName(path: string, shown: (path: string) => string): Diagnostic[] {
  const wrong = idOf(path)
    .split('/')
    .find((part) => !NAME.test(part));
  if (wrong === undefined) return [];
  const message = `"${wrong}" cannot be a part of the name of a workflow`;
  const hint = 'a letter or digit, then letters, digits, ".", "_" or "-", at most 64 in all';
  return [{ code: 'bad-file-name', severity: 'error', message, place: startOf(shown(path)), hint }];
}

function startOf(file: string): Diagnostic['place'] {
  return { file, line: 1, column: 1, length: 1 };
}
