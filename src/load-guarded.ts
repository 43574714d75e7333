import { Worker } from 'node:worker_threads';
import type { Diagnostic } from './model/diagnostic.ts';
import type { Clock } from './model/ports.ts';
import type { PluginFacts } from './plugins/vocabulary.ts';
import type { Limits } from './workflow/limits.ts';
import type { Loaded, LoadOptions, WorkflowBytes } from './workflow/load.ts';

/** What a thread that judges a file is given. */
export interface JudgeTask {
  readonly source: WorkflowBytes;
  readonly limits: Limits;
  readonly dialect: LoadOptions['dialect'];
  readonly plugins: PluginFacts;
}

/** What it finds. A plan cannot leave its thread. */
export interface Judgement {
  readonly isUsable: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** What it takes to load files without being held up by hostile ones. */
export interface GuardOptions {
  /** Loads in this thread. */
  readonly load: (source: WorkflowBytes) => Promise<Loaded>;
  /** The program of the thread that judges: `bin/judge`. */
  readonly program: string | URL;
  readonly limits: Limits;
  readonly dialect: LoadOptions['dialect'];
  readonly clock: Clock;
  readonly plugins?: PluginFacts;
}

const NO_PLUGINS: PluginFacts = { descriptions: [], broken: [] };

/** Smaller files are loaded at once: none of them takes long. */
const SMALL_BYTES = 16 * 1024;

/** The longest a file may take, in ms; the limits keep honest ones far below. */
const LONGEST_MS = 10_000;

/** Memory of the thread that judges, in MiB. */
const MOST_MEMORY = 512;

/**
 * A loader for those who have other things to do meanwhile. A large file is first loaded in a thread of its own, within bounds of
 * time and memory, and only one that is fine there is loaded here.
 */
export function guardedLoader(options: GuardOptions): (source: WorkflowBytes) => Promise<Loaded> {
  return async (source) => {
    if (source.bytes.length < SMALL_BYTES) return options.load(source);
    const { isUsable, diagnostics } = await judge(source, options);
    return isUsable ? options.load(source) : { workflow: null, diagnostics };
  };
}

function judge(
  source: WorkflowBytes,
  { program, limits, dialect, clock, plugins: { descriptions, broken } = NO_PLUGINS }: GuardOptions,
): Promise<Judgement> {
  // Field by field: of an object with getters a thread would get nothing.
  const workerData: JudgeTask = { source, limits, dialect, plugins: { descriptions, broken } };
  const worker = new Worker(program, { workerData, resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY } });
  return new Promise((resolve, reject) => {
    const callOff = clock.after(LONGEST_MS, () => {
      resolve(tooLarge(source.file, `reading it takes more than ${LONGEST_MS / 1000} s`));
      void worker.terminate();
    });
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') reject(error);
      else resolve(tooLarge(source.file, `reading it takes more than ${MOST_MEMORY} MiB of memory`));
    });
    // Too late for a thread that has answered.
    worker.once('exit', (code) => {
      callOff();
      reject(new Error(`the thread that reads ${source.file} ended with code ${code}`));
    });
  });
}

function tooLarge(file: string, what: string): Judgement {
  const place = { file, line: 1, column: 1, length: 1 };
  const message = `the file is too large: ${what}`;
  return { isUsable: false, diagnostics: [{ code: 'too-large', severity: 'error', message, place }] };
}
