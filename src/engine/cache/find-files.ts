import { type Dirent, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { matchesWildcard } from '../../template/wildcard.ts';

/** Something a pattern matched: its path as the pattern sees it. A link is itself and, when it leads to a file, that file too. */
export interface FoundFile {
  /** Relative to the folder that was searched. */
  readonly path: string;
  /** Where a link leads, as written in it; null for what is no link. */
  readonly link: string | null;
  /** Whether there is content to read. */
  readonly readable: boolean;
}

/** Most files the patterns of one task may match. */
export const MOST_INPUTS = 100_000;

/**
 * The files below a folder that match any of the patterns, sorted. In a pattern `*` is any run within a name, `?` one
 * character, `**` any folders; one that names a folder means everything below it; one that begins with `!` takes files out again,
 * wherever it stands. Links to folders are followed, but not into a circle. @throws when a folder cannot be read
 */
export async function findFiles(folder: string, patterns: readonly string[]): Promise<readonly FoundFile[]> {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(parse);
  const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => parse(pattern.slice(1)));
  const found = new Map<string, FoundFile>();
  for (const ups of new Set(wanted.map((pattern) => pattern.ups))) {
    const from = (set: readonly Pattern[]) => set.filter((pattern) => pattern.ups === ups).map(({ rest }) => rest);
    const start = '../'.repeat(ups);
    await visit(
      { folder: join(folder, start), path: start, wanted: from(wanted), unwanted: from(unwanted), above: [] },
      found,
    );
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What is left to match of a pattern, name by name; nothing left is a match. */
type Rest = readonly string[];

interface Pattern {
  /** How many folders above the start it begins. */
  readonly ups: number;
  readonly rest: Rest;
}

interface Visit {
  readonly folder: string;
  /** Of the folder, ending in a slash; empty for the start. */
  readonly path: string;
  readonly wanted: readonly Rest[];
  readonly unwanted: readonly Rest[];
  /** Real paths of the folders on the way, to see circles. */
  readonly above: readonly string[];
}

const EVERYTHING: readonly Rest[] = [['**']];

function parse(pattern: string): Pattern {
  const names = pattern.split('/').filter((name) => name !== '' && name !== '.');
  const ups = names.findIndex((name) => name !== '..');
  return ups < 0 ? { ups: names.length, rest: ['**'] } : { ups, rest: names.slice(ups) };
}

async function visit(at: Visit, found: Map<string, FoundFile>): Promise<void> {
  const real = realpathSync(at.folder);
  if (at.above.includes(real)) return;
  // Calls that wait are ten times as quick here, but a large tree must not hold everybody up.
  await nextTurn();
  for (const entry of readdirSync(at.folder, { withFileTypes: true })) {
    const wanted = advance(at.wanted, entry.name);
    const unwanted = advance(at.unwanted, entry.name);
    if (wanted.length === 0 || isMatch(unwanted)) continue;
    const path = at.path + entry.name;
    const whole = isMatch(wanted);
    const { file, isFolder } = look(join(at.folder, entry.name), path, entry);
    if (whole && file) take(found, file);
    if (!isFolder) continue;
    const below = { folder: join(at.folder, entry.name), path: `${path}/`, above: [...at.above, real] };
    await visit({ ...below, wanted: whole ? EVERYTHING : wanted, unwanted }, found);
  }
}

function take(found: Map<string, FoundFile>, file: FoundFile): void {
  if (found.size >= MOST_INPUTS) throw new Error(`the inputs match more than ${MOST_INPUTS} files`);
  found.set(file.path, file);
}

function look(
  place: string,
  path: string,
  entry: Dirent,
): { readonly file: FoundFile | null; readonly isFolder: boolean } {
  if (entry.isDirectory()) return { file: null, isFolder: true };
  if (!entry.isSymbolicLink()) return { file: { path, link: null, readable: entry.isFile() }, isFolder: false };
  const target = targetOf(place);
  const file = { path, link: readlinkSync(place), readable: target?.isFile() === true };
  return { file, isFolder: target?.isDirectory() === true };
}

/** What a link leads to, or null: it may lead nowhere, or to itself. */
function targetOf(link: string): Stats | null {
  try {
    return statSync(link);
  } catch {
    return null;
  }
}

/** What is left of each pattern once a name has been matched. */
function advance(rests: readonly Rest[], name: string): readonly Rest[] {
  const next = new Set<Rest>();
  for (const rest of rests.flatMap(unfolded)) {
    const [head] = rest;
    if (head === '**') next.add(rest);
    else if (head !== undefined && matchesWildcard(head, name)) next.add(rest.slice(1));
  }
  return [...next];
}

function isMatch(rests: readonly Rest[]): boolean {
  return rests.flatMap(unfolded).some((rest) => rest.length === 0);
}

/** `**` may stand for no folder at all. */
function unfolded(rest: Rest): readonly Rest[] {
  return rest[0] === '**' ? [rest, ...unfolded(rest.slice(1))] : [rest];
}
