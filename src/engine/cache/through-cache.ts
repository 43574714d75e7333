import type { TaskEnd } from '../../model/run.ts';
import type { Lease } from '../../model/store.ts';
import { TemplateError } from '../../model/template.ts';
import type { CachePorts, CacheRequest } from './cache-request.ts';
import { keepResult } from './keep-result.ts';
import { type ResultKey, resultKey } from './result-key.ts';
import { explainMiss, serveResult } from './serve-result.ts';

/**
 * Serves the stored result of a task, or runs it and stores what came of it. Of many that ask for the same result at the same
 * time, in any process, one runs and the others get what it made. Trouble with the cache is a note on the task, never its end.
 */
export async function throughCache(request: CacheRequest, run: () => Promise<TaskEnd>): Promise<TaskEnd> {
  const found = await look(request).catch((error: unknown): Found => {
    if (error instanceof TemplateError) throw error;
    return { kind: 'trouble', note: trouble('not used', error) };
  });
  switch (found.kind) {
    case 'hit':
      return found.end;
    case 'trouble':
      // Who is asked to end while it waits for another one ends like any task.
      return request.signal.aborted ? run() : withNotes(await run(), [request.masks.maskText(found.note)]);
    case 'miss':
      try {
        const end = await run();
        const notes = [`cache: miss; ${found.why}`, ...(await keep(request, found, end))];
        return withNotes(
          end,
          notes.map((note) => request.masks.maskText(note)),
        );
      } finally {
        found.lease.release();
      }
  }
}

type Found =
  | { readonly kind: 'hit'; readonly end: TaskEnd }
  | { readonly kind: 'trouble'; readonly note: string }
  | Miss;

interface Miss {
  readonly kind: 'miss';
  readonly why: string;
  readonly ports: CachePorts;
  readonly key: ResultKey;
  /** The right to make the result. */
  readonly lease: Lease;
}

/** Looks before it asks for the lease, since most results are there, and again after: the last holder may have made it. */
async function look(request: CacheRequest): Promise<Found> {
  const ports = await request.open();
  const key = await resultKey(request, ports);
  const first = await serveResult(request, ports, key);
  if (first.kind === 'hit') return first;
  const lease = await ports.store.lease(key.entry, request.signal);
  try {
    const second = await serveResult(request, ports, key);
    if (second.kind === 'miss') {
      const why = first.why ?? second.why ?? (await explainMiss(ports, key, request.now()));
      return { kind: 'miss', why, ports, key, lease };
    }
    lease.release();
    return second;
  } catch (error) {
    lease.release();
    throw error;
  }
}

async function keep(request: CacheRequest, { ports, key }: Miss, end: TaskEnd): Promise<readonly string[]> {
  if (end.status !== 'success') return [];
  return keepResult(request, ports, key, end).catch((error: unknown) => [trouble('not stored', error)]);
}

function trouble(what: string, error: unknown): string {
  return `cache: ${what}; ${error instanceof Error ? error.message : error}`;
}

function withNotes(end: TaskEnd, notes: readonly string[]): TaskEnd {
  if (end.status === 'skipped') return end;
  return { ...end, notes: [...(end.notes ?? []), ...notes] };
}
