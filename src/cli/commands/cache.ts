import type { OpenCache } from '../../compose-cache.ts';
import type { PurgeWish } from '../../engine/cache/upkeep.ts';
import { systemClock } from '../../util/clock.ts';
import { parseDuration } from '../../util/duration.ts';
import { formatSize } from '../../util/size.ts';
import { cachePlace } from '../cache-place.ts';
import { defineCommand } from '../command.ts';
import { EXIT_SUCCESS, EXIT_USAGE } from '../exit-code.ts';
import type { CliIO } from '../io.ts';
import type { Arguments } from '../options.ts';
import { cachedTask, explainText } from '../print/cache-explanation.ts';
import { resultLines, resultRecords } from '../print/cache-list.ts';
import { execStateDir } from '../state-dir.ts';

const OPTIONS = {
  workflow: { kind: 'text', value: 'ID', description: 'With list or purge: only results of this workflow' },
  olderThan: { kind: 'text', value: 'TIME', description: 'With purge: only results stored longer ago, as in 7d' },
  all: { kind: 'flag', description: 'With purge: all results' },
  json: { kind: 'flag', description: 'Print JSON' },
  stateDir: { kind: 'text', value: 'DIR', description: 'Where runs are kept' },
} as const;

type CacheArguments = Arguments<typeof OPTIONS>;

/** `runner cache`: shows, explains and removes stored results. `runner cache serve` is the process that owns the store. */
export const cache = defineCommand({
  name: 'cache',
  summary: 'Show, explain and remove stored results of tasks',
  details: [
    'list shows the results in the store. explain RUN TASK says whether a task of a run was served from the store or what had changed; RUN is an id, the beginning of one, or "last". purge removes results.',
  ],
  options: OPTIONS,
  operands: {
    name: 'VERB',
    description: 'list, explain RUN TASK, or purge',
    choices: ['list', 'explain', 'purge'],
    least: 1,
    most: 3,
  },
  run(args, io) {
    const [verb = '', ...rest] = args.operands;
    if (verb === 'explain' && rest.length === 2) return explain(args, io);
    if (rest.length > 0 || !(verb in VERBS)) return refuse(io, 'expected list, explain RUN TASK, or purge');
    return VERBS[verb as keyof typeof VERBS](args, io);
  },
});

const VERBS = { list, purge, serve } as const;

async function list({ options }: CacheArguments, io: CliIO): Promise<number> {
  return withCache(options.stateDir, io, async (opened) => {
    const { storedResults } = await import('../../engine/cache/upkeep.ts');
    const results = [];
    for await (const result of storedResults(opened)) {
      if (options.workflow === undefined || result.entry.workflow === options.workflow) results.push(result);
    }
    const json = `${JSON.stringify({ results: resultRecords(results) }, null, 2)}\n`;
    await io.stdout.write(options.json ? json : resultLines(results, systemClock.now()));
    return EXIT_SUCCESS;
  });
}

async function purge({ options }: CacheArguments, io: CliIO): Promise<number> {
  const wish = purgeWish(options);
  if (typeof wish === 'string') return refuse(io, wish);
  return withCache(options.stateDir, io, async (opened) => {
    const upkeep = await import('../../engine/cache/upkeep.ts');
    const now = systemClock.now();
    const since = options.all ? Number.POSITIVE_INFINITY : now - upkeep.UNSETTLED_MS;
    const { results, bytes } = await upkeep.purge(opened, wish, now, since);
    const text = `removed ${results === 1 ? '1 result' : `${results} results`}, freed ${formatSize(bytes)} of files\n`;
    await io.stdout.write(options.json ? `${JSON.stringify({ results, bytes })}\n` : text);
    return EXIT_SUCCESS;
  });
}

function purgeWish({ workflow, olderThan, all }: CacheArguments['options']): PurgeWish | string {
  if (!all && workflow === undefined && olderThan === undefined) return 'purge wants --workflow, --older-than or --all';
  if (all && (workflow !== undefined || olderThan !== undefined)) return '--all goes with no other choice';
  const age = olderThan === undefined ? null : parseDuration(olderThan);
  if (age === null && olderThan !== undefined)
    return `--older-than ${olderThan}: expected a duration such as 12h or 7d`;
  return { workflow: workflow ?? null, before: age === null ? null : systemClock.now() - age };
}

async function explain({ options, operands }: CacheArguments, io: CliIO): Promise<number> {
  const [, run = '', task = ''] = operands;
  const found = cachedTask(execStateDir(options.stateDir, io.env, io.cwd), run, task);
  if (typeof found === 'string') return refuse(io, found);
  await io.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : explainText(found));
  return EXIT_SUCCESS;
}

/** Serves the store of a state directory to other processes, for as long as anybody uses it. */
async function serve({ options }: CacheArguments, io: CliIO): Promise<number> {
  io.closeInherited();
  const { serveCache } = await import('../../serve-cache.ts');
  const stopping = new AbortController();
  io.onSignal((signal) => {
    if (signal === 'SIGTERM') stopping.abort();
  });
  // Whoever started us stops listening once we are ready.
  io.stdout.onClosed(() => {});
  const stateDir = execStateDir(options.stateDir, io.env, io.cwd);
  return serveCache(stateDir, stopping.signal, systemClock, (text) => void io.stdout.write(text));
}

async function withCache(
  stateDir: string | undefined,
  io: CliIO,
  use: (opened: OpenCache) => Promise<number>,
): Promise<number> {
  const { openCache } = await import('../../compose-cache.ts');
  const opened = openCache(cachePlace(execStateDir(stateDir, io.env, io.cwd), io), '');
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

async function refuse(io: CliIO, problem: string): Promise<number> {
  await io.stderr.write(`runner cache: ${problem}\nTry "runner cache --help".\n`);
  return EXIT_USAGE;
}
