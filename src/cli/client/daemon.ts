import type { IncomingMessage } from 'node:http';
import type {
  AuditList,
  Finding,
  FiringList,
  Health,
  NextList,
  PruneReport,
  RekeyReport,
  RerunRequest,
  RunCreated,
  RunDetail,
  RunList,
  RunRequest,
  SecretList,
  SecretRequest,
  TaskDetail,
  WorkflowList,
  WorkflowView,
} from '../../model/api.ts';
import { errorBody, Refusal, Unreachable } from './daemon-error.ts';
import { Exchange, type Wish } from './exchange.ts';
import { type Parameters, pathOf, queryText } from './request-path.ts';
import { type Target, targetName } from './target.ts';

/** A part of a log on its way here. */
export interface LogStream {
  readonly offset: number;
  /** Of the log when the answer began. */
  readonly size: number;
  /** Whether nothing will be added any more. */
  readonly complete: boolean;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Silence that is borne on top of what was asked to be waited for, in ms. */
const PATIENCE_MS = 60_000;

/** A part of a list: which, and how many at most. */
type Query<Names extends string> = { readonly [K in Names]?: string | undefined } & { readonly limit: number };

/**
 * A daemon as the command line sees it: one method for each thing to ask, named as in `Control`. Methods reject with `Refusal`
 * when it will not, `Unreachable` when it is not there, and with the signal's reason when that aborts.
 */
export class Daemon {
  readonly #exchange: Exchange;
  readonly #target: Target;
  /** Whether it has answered as a daemon does. */
  #isKnown = false;

  constructor(target: Target, signal: AbortSignal) {
    this.#target = target;
    this.#exchange = new Exchange(target, signal);
  }

  workflows(): Promise<WorkflowList> {
    return this.#get('workflows');
  }

  workflow(id: string): Promise<WorkflowView> {
    return this.#get(pathOf('workflows', id));
  }

  fire(workflow: string, request: RunRequest): Promise<RunCreated> {
    return this.#post(pathOf('workflows', workflow, 'runs'), request);
  }

  /** `since` is ISO 8601, `before` an id. */
  runs(query: Query<'workflow' | 'status' | 'since' | 'before'>): Promise<RunList> {
    return this.#get('runs', query);
  }

  /** Answers once the run has ended, or `waitSeconds` later. */
  run(id: string, waitSeconds = 0): Promise<RunDetail> {
    return this.#get(pathOf('runs', id), waitSeconds > 0 ? { wait: waitSeconds } : {}, waitSeconds * 1000);
  }

  task(run: string, task: string): Promise<TaskDetail> {
    return this.#get(pathOf('runs', run, 'tasks', task));
  }

  async cancel(run: string, task: string | null): Promise<void> {
    await this.#post(task === null ? pathOf('runs', run, 'cancel') : pathOf('runs', run, 'tasks', task, 'cancel'), {});
  }

  rerun(run: string, request: RerunRequest): Promise<RunCreated> {
    return this.#post(pathOf('runs', run, 'rerun'), request);
  }

  /** The bytes from `offset` on, as they come; waits up to `waitSeconds` for the first. */
  async log(run: string, task: string, attempt: number, offset: number, waitSeconds: number): Promise<LogStream> {
    const query = { offset, attempt, wait: waitSeconds > 0 ? waitSeconds : undefined };
    const answer = await this.#answer({
      method: 'GET',
      path: `${pathOf('runs', run, 'tasks', task, 'log')}${queryText(query)}`,
      patienceMs: PATIENCE_MS + waitSeconds * 1000,
    });
    const { headers } = answer;
    return {
      offset: Number(headers['x-log-offset'] ?? offset),
      size: Number(headers['x-log-size'] ?? 0),
      complete: headers['x-log-complete'] === 'true',
      chunks: this.#chunks(answer),
    };
  }

  /** `until` is ISO 8601. */
  firings(query: Query<'workflow' | 'until'>): Promise<FiringList> {
    return this.#get('firings', query);
  }

  /** `since` is ISO 8601, `before` a number. */
  audits(query: Query<'since' | 'before'>): Promise<AuditList> {
    return this.#get('audit', query);
  }

  next(workflow: string | null, count: number): Promise<NextList> {
    return this.#get(workflow === null ? 'next' : pathOf('workflows', workflow, 'next'), { count });
  }

  async setPaused(workflow: string | null, paused: boolean): Promise<void> {
    const verb = paused ? 'pause' : 'resume';
    await this.#post(workflow === null ? verb : pathOf('workflows', workflow, verb), {});
  }

  async drain(): Promise<void> {
    await this.#post('drain', {});
  }

  secrets(): Promise<SecretList> {
    return this.#get('secrets');
  }

  async setSecret(name: string, request: SecretRequest): Promise<void> {
    await this.#json({ method: 'PUT', path: pathOf('secrets', name), body: request, patienceMs: PATIENCE_MS });
  }

  async deleteSecret(name: string, scope: string | null): Promise<void> {
    const path = `${pathOf('secrets', name)}${queryText({ scope: scope ?? undefined })}`;
    await this.#json({ method: 'DELETE', path, patienceMs: PATIENCE_MS });
  }

  rekey(): Promise<RekeyReport> {
    return this.#json({ method: 'POST', path: 'rekey', body: {}, patienceMs: 0 });
  }

  prune(dryRun: boolean): Promise<PruneReport> {
    return this.#json({ method: 'POST', path: 'prune', body: { dry_run: dryRun }, patienceMs: 0 });
  }

  async backup(folder: string): Promise<void> {
    await this.#json({ method: 'POST', path: 'backup', body: { folder }, patienceMs: 0 });
  }

  doctor(): Promise<readonly Finding[]> {
    return this.#get('doctor');
  }

  health(): Promise<Health> {
    return this.#get('status');
  }

  /** Every change from now on, as the data of server-sent events; the stream lasts until `close`. */
  async events(): Promise<AsyncIterable<Buffer>> {
    return this.#chunks(await this.#answer({ method: 'GET', path: 'events', patienceMs: 0 }));
  }

  /** Ends all connections. */
  close(): void {
    this.#exchange.close();
  }

  #get<T>(path: string, query: Parameters = {}, waitMs = 0): Promise<T> {
    return this.#json({ method: 'GET', path: `${path}${queryText(query)}`, patienceMs: PATIENCE_MS + waitMs });
  }

  #post<T>(path: string, body: object): Promise<T> {
    return this.#json({ method: 'POST', path, body, patienceMs: PATIENCE_MS });
  }

  /** The body of an answer. Whoever speaks our API is trusted to keep its shapes; what is only text may be hostile. */
  async #json<T>(wish: Wish): Promise<T> {
    const text = await this.#text(await this.#answer(wish));
    if (text === '') return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw this.#stranger(200, error);
    }
  }

  async #answer(wish: Wish): Promise<IncomingMessage> {
    const answer = await this.#exchange.send(wish);
    const status = answer.statusCode ?? 0;
    const isGranted = status >= 200 && status < 300;
    const body = isGranted ? null : errorBody(await this.#text(answer));
    if (!isGranted && !body) throw this.#stranger(status);
    this.#isKnown = true;
    if (body) throw new Refusal(status, body);
    return answer;
  }

  async #text(answer: IncomingMessage): Promise<string> {
    const parts: Buffer[] = [];
    for await (const chunk of this.#chunks(answer)) parts.push(chunk);
    return Buffer.concat(parts).toString();
  }

  async *#chunks(answer: IncomingMessage): AsyncGenerator<Buffer, void> {
    try {
      for await (const chunk of answer) yield chunk as Buffer;
    } catch (error) {
      throw this.#exchange.problem(error);
    }
  }

  #stranger(status: number, cause?: unknown): Unreachable {
    // A gateway answers in place of a daemon that it cannot reach.
    const wasThere = this.#isKnown && status >= 502 && status <= 504;
    const what = wasThere ? `status ${status}` : 'what answers there is no runnerd';
    return new Unreachable(`${targetName(this.#target)}: ${what}`, { wasThere, cause });
  }
}
