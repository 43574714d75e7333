import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import type { Json } from '../model/json.ts';
import type { Plugin, PluginSignal } from '../model/plugin.ts';
import { FrameSplitter } from '../util/frames.ts';
import { describe } from './describe.ts';
import { doWork } from './do-work.ts';
import { HostedJob } from './hosted-job.ts';
import { importPlugin } from './import-plugin.ts';
import { CHANNEL, encode, failureOf, type Message, type Request, VERSION, type Work } from './protocol.ts';

/** The exit code after an error that no job has caught. */
const EXIT_BROKEN = 70;

/**
 * The life of a plugin's own process: loads the plugin it is told to, then runs its jobs. It ends with the program that
 * started it. `api` is the address of the module behind `runner/plugin`.
 */
export function hostPlugin(api: string): void {
  const channel = new Socket({ fd: CHANNEL, readable: true, writable: true });
  const host = new PluginHost((message) => new Promise((taken) => channel.write(encode(message), () => taken())), api);
  const splitter = new FrameSplitter();
  channel.on('data', (chunk: Buffer) => {
    for (const frame of splitter.push(chunk)) host.take(JSON.parse(frame.toString()) as Request);
  });
  // The program is gone, and nobody is there any more who could be told of anything.
  channel.on('close', () => process.exit());
  channel.on('error', () => process.exit());
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(fault, (error) => {
      process.stderr.write(`${failureOf(error).stack}\n`);
      process.exit(EXIT_BROKEN);
    });
  }
}

class PluginHost {
  readonly #send: (message: Message) => Promise<void>;
  readonly #api: string;
  readonly #jobs = new Map<number, HostedJob>();
  readonly #current = new AsyncLocalStorage<HostedJob>();
  #plugin: Plugin | null = null;

  constructor(send: (message: Message) => Promise<void>, api: string) {
    this.#send = send;
    this.#api = api;
  }

  take(request: Request): void {
    switch (request.type) {
      case 'load':
        void this.#load(request.file);
        break;
      case 'signal':
        void this.#signal(request.signal);
        break;
      case 'work':
        void this.#work(request.id, request.work);
        break;
      case 'end':
        this.#jobs.get(request.id)?.end();
        break;
      case 'taken':
        this.#jobs.get(request.id)?.taken();
        break;
      case 'fired':
        this.#jobs.get(request.id)?.fired(request.call, request.problem);
    }
  }

  async #load(file: string): Promise<void> {
    try {
      const plugin = await importPlugin(file, this.#api);
      const description = describe(plugin);
      this.#plugin = plugin as Plugin;
      this.#lendStreams();
      await this.#send({ type: 'loaded', version: VERSION, description });
    } catch (error) {
      await this.#send({ type: 'unusable', failure: failureOf(error) });
    }
  }

  async #signal(signal: PluginSignal): Promise<void> {
    for (const driver of this.#plugin?.drivers ?? []) await driver.signal?.(signal);
    if (signal === 'destroy') await this.#send({ type: 'destroyed' });
  }

  async #work(id: number, work: Work): Promise<void> {
    const job = new HostedJob(id, this.#send);
    this.#jobs.set(id, job);
    try {
      const reply = await this.#current.run(job, () => doWork(this.#plugin, work, job.io));
      job.close();
      await this.#send({ type: 'ended', id, reply: JSON.parse(JSON.stringify(reply ?? {})) as Json });
    } catch (error) {
      job.close();
      await this.#send({ type: 'threw', id, failure: failureOf(error) });
    } finally {
      this.#jobs.delete(id);
    }
  }

  /** What a job prints in passing, with `console.log` for example, belongs to its log. */
  #lendStreams(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const print = process[stream].write.bind(process[stream]);
      const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        const job = this.#current.getStore();
        if (!job?.isOpen) return (print as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean)(chunk, ...rest);
        const done = rest.find((each) => typeof each === 'function') as (() => void) | undefined;
        void job.io.write(stream, chunk).then(done);
        return true;
      };
      process[stream].write = write as typeof process.stdout.write;
    }
  }
}
