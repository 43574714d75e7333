import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Json } from '../model/json.ts';
import type { PluginSignal } from '../model/plugin.ts';
import type { Clock } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import { FrameSplitter } from '../util/frames.ts';
import { PluginFailure } from './plugin-failure.ts';
import { decodeMessage, encode, type Message, type Request, VERSION, type Work } from './protocol.ts';
import { type JobEnd, type JobIO, RunningJob } from './running-job.ts';
import { killGroup, type PluginCommand, startPlugin } from './start-plugin.ts';

/** What a life of a plugin's process needs. */
export interface LifeOptions {
  /** Absolute path of the module. */
  readonly file: string;
  readonly command: PluginCommand;
  readonly clock: Clock;
}

/** How long a plugin may take to load, in ms. */
export const LOAD_MS = 10_000;

/** How long a plugin may take to deal with `destroy`, in ms. */
const DESTROY_MS = 5_000;

/** How long what a process has said is waited for when it has gone, in ms. */
const LAST_WORDS_MS = 1_000;

/** Output that waits to be taken before the process is not listened to any more, in bytes. */
const MOST_WAITING = 4 * 1024 * 1024;

/** What is kept of what a plugin prints outside of jobs, in characters. */
const MOST_WORDS = 2_000;

/** One process of a plugin, from its start to its end. */
export class PluginLife {
  readonly pid: number;
  /** Resolves, in words, when the process is gone. */
  readonly ended: Promise<string>;
  readonly #channel: Socket;
  readonly #clock: Clock;
  readonly #jobs = new Map<number, RunningJob>();
  readonly #splitter = new FrameSplitter();
  #nextId = 1;
  /** Bytes of output that wait to be taken. */
  #waiting = 0;
  #words = '';
  /** Why it was killed. */
  #verdict: string | null = null;
  /** How it ended. */
  #end: string | null = null;
  #loaded: (description: Json) => void = () => {};
  #unusable: (failure: PluginFailure) => void = () => {};

  private constructor(child: ChildProcess, pid: number, clock: Clock) {
    this.pid = pid;
    this.#clock = clock;
    this.#channel = child.stdio[3] as Socket;
    this.#channel.on('data', (chunk: Buffer) => this.#hear(chunk));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#words = `${this.#words}${chunk}`.slice(-MOST_WORDS);
      });
    }
    this.ended = this.#seeOut(child);
  }

  /** Starts a process and has it load the plugin. Resolves with what the plugin says it is. @throws {PluginFailure} */
  static async begin({ file, command, clock }: LifeOptions): Promise<{ life: PluginLife; description: Json }> {
    const { child, pid } = await startPlugin(command);
    const life = new PluginLife(child, pid, clock);
    return { life, description: await life.#load(file) };
  }

  /** Has work done to its end, however that comes about. Rejects when its output cannot be taken. */
  async run(work: Work, io: JobIO): Promise<JobEnd> {
    const id = this.#nextId++;
    const ask = (): void => this.#send({ type: 'end', id });
    this.#send({ type: 'work', id, work });
    const job = new RunningJob(io, { clock: this.#clock, ask, kill: (why) => this.kill(why) });
    this.#jobs.set(id, job);
    if (this.#end !== null) job.die(this.#end);
    try {
      return await job.ended;
    } finally {
      this.#jobs.delete(id);
    }
  }

  signal(signal: PluginSignal): void {
    this.#send({ type: 'signal', signal });
  }

  /** Tells the plugin that its end has come, gives it some time, and ends it. Resolves when it is gone. */
  async end(): Promise<void> {
    const callOff = this.#clock.after(DESTROY_MS, () => this.kill('it took too long to end'));
    this.signal('destroy');
    await this.ended;
    callOff();
  }

  /** Ends the process at once; `why` is what its jobs and `ended` are told. */
  kill(why: string): void {
    this.#verdict ??= why;
    killGroup(this.pid);
  }

  async #load(file: string): Promise<Json> {
    const late = `loading it took more than ${LOAD_MS / 1000} s`;
    const callOff = this.#clock.after(LOAD_MS, () => this.kill(late));
    try {
      return await new Promise<Json>((resolve, reject) => {
        this.#loaded = resolve;
        this.#unusable = reject;
        this.ended.then((how) =>
          reject(new PluginFailure(how === late ? how : `it ended at once: ${how}`, this.#words)),
        );
        this.#send({ type: 'load', file });
      });
    } catch (error) {
      this.kill('it could not be loaded');
      await this.ended;
      throw error;
    } finally {
      callOff();
    }
  }

  async #seeOut(child: ChildProcess): Promise<string> {
    const [code, signal] = await once(child, 'exit');
    killGroup(this.pid);
    const closed = new Promise<void>((resolve) => this.#channel.once('close', () => resolve()));
    if (!this.#channel.destroyed) await Promise.race([closed, pause(this.#clock, LAST_WORDS_MS)]);
    for (const stream of child.stdio) stream?.destroy();
    const how = this.#verdict ?? (signal === null ? `exit code ${code}` : `ended by ${signal}`);
    this.#end = how;
    for (const job of this.#jobs.values()) job.die(how);
    return how;
  }

  #send(request: Request): void {
    if (this.#channel.writable) this.#channel.write(encode(request));
  }

  #hear(chunk: Buffer): void {
    try {
      for (const frame of this.#splitter.push(chunk)) this.#take(decodeMessage(frame));
    } catch (error) {
      this.kill(`it said what cannot be understood (${error instanceof Error ? error.message : String(error)})`);
    }
  }

  #take(message: Message): void {
    switch (message.type) {
      case 'loaded':
        if (message.version === VERSION) this.#loaded(message.description);
        else this.#unusable(new PluginFailure('the program was replaced while it ran; start it again', ''));
        break;
      case 'unusable':
        this.#unusable(new PluginFailure(message.failure.message, message.failure.stack));
        break;
      case 'output':
        void this.#pass(message);
        break;
      case 'fire':
        void this.#fire(message);
        break;
      case 'ended':
        this.#jobs.get(message.id)?.end(message.reply);
        break;
      case 'threw':
        this.#jobs.get(message.id)?.fail(message.failure);
        break;
      case 'destroyed':
        this.kill('it was ended');
    }
  }

  /** Hands output on. While too much of it waits, the whole process waits. */
  async #pass({ id, stream, base64 }: Extract<Message, { type: 'output' }>): Promise<void> {
    const bytes = Buffer.from(base64, 'base64');
    this.#waiting += bytes.length;
    if (this.#waiting > MOST_WAITING) this.#channel.pause();
    await this.#jobs.get(id)?.write(stream, bytes);
    this.#waiting -= bytes.length;
    if (this.#waiting <= MOST_WAITING) this.#channel.resume();
    this.#send({ type: 'taken', id });
  }

  async #fire({ id, call, firing }: Extract<Message, { type: 'fire' }>): Promise<void> {
    const problem = (await this.#jobs.get(id)?.fire(firing)) ?? null;
    this.#send({ type: 'fired', id, call, problem });
  }
}
