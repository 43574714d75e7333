import { FILE_START } from '../decode.ts';
import type { Limits } from '../limits.ts';
import type { Reporter } from '../reporter.ts';
import { buildTree } from './build-tree.ts';
import { type Reading, readDocument } from './read-document.ts';
import { findSlips, mend } from './slips.ts';
import { isSyntaxError, reportSyntaxProblems } from './syntax-problems.ts';
import type { MapNode } from './tree.ts';

/** What a file is called in messages, and how one begins. */
export interface FileKind {
  readonly name: string;
  readonly hint: string;
}

const WORKFLOW: FileKind = {
  name: 'a workflow file',
  hint: 'it needs at least `taskGroup:` with a list of tasks, `- {name: hello, run: echo hello}`',
};

/** Reads the text of a file as YAML. Null when it has no shape that could be looked at further; then the reasons are reported. */
export function parse(reporter: Reporter, limits: Limits, kind: FileKind = WORKFLOW): MapNode | null {
  if (hasConflict(reporter)) return null;
  const reading = readMended(reporter, limits);
  if (reading.kind !== 'document') {
    refuse(reading, reporter);
    return null;
  }
  reportSyntaxProblems(reading.problems, reading.document, reporter);
  if (reading.problems.some(isSyntaxError)) return null;
  const tree = buildTree(reading.document, reporter, limits);
  if (tree?.kind === 'map') return tree;
  if (tree === null || (tree.kind === 'scalar' && tree.value === null)) {
    if (!reporter.failed) reporter.error('empty-file', FILE_START, 'the file is empty', { hint: kind.hint });
  } else {
    const found = tree.kind === 'list' ? 'a list' : 'only text';
    reporter.error('not-a-mapping', tree, `${kind.name} is a mapping of keys, this one is ${found}`, {
      hint: kind.hint,
    });
  }
  return null;
}

// Each round can bring out slips that the former ones hid, and reads the whole text again: worth it for files that people
// write.
const ROUNDS = 5;
const MOST_REREAD = 256 * 1024;

function readMended(reporter: Reporter, limits: Limits): Reading {
  let { text } = reporter.source;
  for (let round = 1; ; round++) {
    const reading = readDocument(text, limits);
    if (reading.kind !== 'document' || round > ROUNDS || round * text.length > MOST_REREAD) return reading;
    const slips = findSlips(text, reading.problems, reading.document);
    if (slips.length === 0) return reading;
    for (const slip of slips) reporter.error(slip.code, slip, slip.message, { hint: slip.hint, fix: slip.fix });
    text = mend(text, slips);
  }
}

function refuse(reading: Exclude<Reading, { kind: 'document' }>, reporter: Reporter): void {
  switch (reading.kind) {
    case 'too-large':
      reporter.error('too-large', FILE_START, `the file is too large: ${reading.what}`);
      break;
    case 'many-documents': {
      const range = { start: reading.offset, end: reading.offset + 3 };
      reporter.error('many-documents', range, 'a second document begins here; a file holds one workflow');
      break;
    }
    case 'directive': {
      const range = { start: reading.offset, end: reading.offset + reading.text.length };
      reporter.error('bad-directive', range, `${reading.text.trim()} is not supported; files are YAML 1.2`, {
        hint: 'remove the line; in YAML 1.1 words such as `on` would mean true',
      });
    }
  }
}

// Indented text of a block cannot stand in the first column, so this is no script.
function hasConflict(reporter: Reporter): boolean {
  const match = /^<{7}(?: .*)?$/m.exec(reporter.source.text);
  if (match === null) return false;
  const range = { start: match.index, end: match.index + match[0].length };
  reporter.error('merge-conflict', range, 'an unresolved merge conflict begins here');
  return true;
}
