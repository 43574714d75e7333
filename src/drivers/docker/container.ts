import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type EngineClient, EngineError, textOf } from './engine-client.ts';

/** What the engine says of a container. */
export interface ContainerState {
  readonly id: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly status: string;
  readonly exitCode: number;
  /** Whether the kernel ended something in it for want of memory. */
  readonly isOutOfMemory: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the engine says of the container with this id or name; null when there is none. */
export async function inspectContainer(engine: EngineClient, idOrName: string): Promise<ContainerState | null> {
  try {
    const { Id, State, Config } = (await engine.call('GET', `/containers/${idOrName}/json`)) as InspectAnswer;
    return {
      id: Id,
      status: State.Status,
      exitCode: State.ExitCode,
      isOutOfMemory: State.OOMKilled,
      labels: Config.Labels ?? {},
    };
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return null;
    throw error;
  }
}

/** One container of the engine. */
export class Container {
  readonly id: string;
  readonly #engine: EngineClient;

  constructor(engine: EngineClient, id: string) {
    this.#engine = engine;
    this.id = id;
  }

  /** What it writes from now on, both streams in the engine's frames. Ends with the container. */
  attach(signal: AbortSignal): Promise<Readable> {
    return this.#engine.upgrade(this.#path('attach'), { query: { stream: '1', stdout: '1', stderr: '1' }, signal });
  }

  /** What it has written from its start on, and what it will write, in the engine's frames. Ends with the container. */
  logs(signal: AbortSignal): Promise<Readable> {
    return this.#engine.stream('GET', this.#path('logs'), {
      query: { follow: '1', stdout: '1', stderr: '1' },
      signal,
    });
  }

  /**
   * Asks for its exit code: `next-exit` of one that will be started, `not-running` of one that was. The answer's promise is there
   * as soon as the engine has begun to wait.
   */
  async exit(condition: 'next-exit' | 'not-running', signal: AbortSignal): Promise<{ readonly code: Promise<number> }> {
    const answer = await this.#engine.stream('POST', this.#path('wait'), { query: { condition }, signal });
    const code = exitCodeIn(answer);
    code.catch(ignore);
    return { code };
  }

  async start(): Promise<void> {
    await this.#engine.call('POST', this.#path('start'));
  }

  /** Sends a signal; no matter when there is nothing to send it to. */
  async signal(name: string): Promise<void> {
    await unlessGone(this.#engine.call('POST', this.#path('kill'), { query: { signal: name } }));
  }

  /** Lets a paused container go on, which could not hear a signal. */
  async unpause(): Promise<void> {
    await unlessGone(this.#engine.call('POST', this.#path('unpause')));
  }

  /** Ends it, and takes it away with its anonymous volumes. */
  async remove(): Promise<void> {
    await unlessGone(this.#engine.call('DELETE', `/containers/${this.id}`, { query: { force: '1', v: '1' } }));
  }

  #path(action: string): string {
    return `/containers/${this.id}/${action}`;
  }
}

interface InspectAnswer {
  readonly Id: string;
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly OOMKilled: boolean };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
}

async function exitCodeIn(answer: IncomingMessage): Promise<number> {
  const text = await textOf(answer);
  if (text === '') throw new EngineError(0, 'the engine broke off while the container was running');
  const { StatusCode, Error: problem } = JSON.parse(text) as { StatusCode: number; Error?: { Message: string } | null };
  if (problem) throw new EngineError(0, problem.Message);
  return StatusCode;
}

/** No matter when the container is gone, on its way out, or not in a state in which that could be done. */
async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const isMoot = error.status === 404 || error.status === 409 || /is not (paused|running)/.test(error.message);
    if (!isMoot) throw error;
  }
}

/** Whoever needs the code is told when it is asked for. */
function ignore(): void {}
