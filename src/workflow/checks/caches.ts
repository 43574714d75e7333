import type { Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** Inputs stay on relative paths; what a cache puts back stays below the task's folder and is named exactly. */
export function checkCaches(file: CheckedFile): void {
  for (const [index, { cache }] of file.data.taskGroup.entries()) {
    const path = ['taskGroup', index, 'cache'];
    for (const [position, input] of (cache?.inputs ?? []).entries()) {
      report(file, [...path, 'inputs', position], inputProblem(input));
    }
    for (const [position, saved] of (cache?.paths ?? []).entries()) {
      report(file, [...path, 'paths', position], savedProblem(saved));
    }
  }
}

function report(file: CheckedFile, path: Path, problem: string | undefined): void {
  if (problem !== undefined) file.reporter.error('bad-path', file.at(...path), problem);
}

function inputProblem(input: string): string | undefined {
  const pattern = input.startsWith('!') ? input.slice(1) : input;
  return pattern.startsWith('/') ? "the path must be relative to the task's folder" : templateProblem(input);
}

function savedProblem(path: string): string | undefined {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (path.startsWith('/')) return "the path must be relative to the task's folder";
  if (names.includes('..')) return 'the path must not leave the task\'s folder with ".."';
  if (names.length === 0) return "the path must name something below the task's folder";
  if (/[*?]/.test(path)) return 'the path must name a file or folder; patterns are for `inputs`';
  return templateProblem(path);
}

function templateProblem(path: string): string | undefined {
  return path.includes('{{') ? 'templates cannot be used here' : undefined;
}
