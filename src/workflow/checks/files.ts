import type { FileEntry } from '../../generated/workflow-file.ts';
import type { CheckedFile } from './check.ts';

const CONTENTS = ['text', 'base64', 'source'] as const;

/** Injected files stay below the task's folder, are named once, and have exactly one content. */
export function checkFiles(file: CheckedFile): void {
  for (const [index, task] of file.data.taskGroup.entries()) {
    const seen = new Set<string>();
    for (const [position, entry] of (task.files ?? []).entries()) {
      const path = ['taskGroup', index, 'files', position];
      const range = file.at(...path, 'path');
      const problem = pathProblem(entry.path);
      if (problem !== undefined) file.reporter.error('bad-path', range, problem);
      else if (seen.has(entry.path))
        file.reporter.error('duplicate-name', range, `"${entry.path}" is put in place twice`);
      seen.add(entry.path);
      checkContent(file, path, entry);
    }
  }
}

// A path made by a template is looked at again when it is known.
function pathProblem(path: string): string | undefined {
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) return "the path must be relative to the task's folder";
  const segments = path.split('/');
  if (segments.includes('..')) return 'the path must not leave the task\'s folder with ".."';
  if (path.endsWith('/') || segments.at(-1) === '.') return 'the path names a folder, not a file';
  return undefined;
}

function checkContent(file: CheckedFile, path: readonly (string | number)[], entry: FileEntry): void {
  const given = CONTENTS.filter((key) => entry[key] !== undefined);
  const [first, second] = given;
  if (first === undefined && !isDropped(file, path)) {
    file.reporter.error('file-content', file.at(...path, 'path'), `the file "${entry.path}" has no content`, {
      hint: 'give one of `text`, `base64` or `source`',
    });
  }
  if (first !== undefined && second !== undefined) {
    const message = `"${first}" and "${second}" exclude each other`;
    file.reporter.error('file-content', file.keyAt(...path, second), message, { hint: 'give only one of them' });
  }
  if (entry.base64 !== undefined && !isBase64(entry.base64)) {
    file.reporter.error('bad-value', file.at(...path, 'base64'), 'this is not base64');
  }
}

function isDropped(file: CheckedFile, path: readonly (string | number)[]): boolean {
  const node = file.node(...path);
  return node?.kind === 'map' && CONTENTS.some((key) => node.dropped.has(key));
}

function isBase64(text: string): boolean {
  const packed = text.replace(/\s/g, '');
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed);
}
