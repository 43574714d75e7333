import type { Handle } from '../model/event.ts';
import type { Capture, Spawn } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import { textFrame } from '../util/frames.ts';

/**
 * The language between an executor and its clients: frames of JSON, the client's `hello` first. An executor of another version
 * has a folder of its own, so this number changes whenever either side, or what an executor keeps on disk, changes its meaning.
 */
export const VERSION = 2;

/** What a client asks for. A task is named by its mark; nothing but `start` begins one, and no mark begins twice. */
export type Request =
  | { readonly type: 'hello'; readonly version: number; readonly pid: number }
  | { readonly type: 'start'; readonly spawn: Spawn; readonly capture: Capture }
  /** Tell me of this task from now on, instead of whoever was told before. */
  | { readonly type: 'attend'; readonly mark: string; readonly handle: Handle | null }
  | { readonly type: 'end'; readonly mark: string; readonly graceMs: number }
  /** No more patience with a task that is to end. */
  | { readonly type: 'hurry'; readonly mark: string }
  /** The end of this task is durable elsewhere. */
  | { readonly type: 'forget'; readonly mark: string }
  /** The end of this run is durable elsewhere: its ends and secrets are no longer needed. */
  | { readonly type: 'release'; readonly runId: string }
  | { readonly type: 'list'; readonly id: number }
  | { readonly type: 'sweep'; readonly id: number; readonly mark: string }
  /** Take no more tasks, end what runs, then yourself. */
  | { readonly type: 'stop'; readonly graceMs: number };

/** What an executor says. */
export type Message =
  | { readonly type: 'welcome'; readonly version: number; readonly pid: number }
  | { readonly type: 'started'; readonly mark: string; readonly handle: Handle }
  | { readonly type: 'ended'; readonly mark: string; readonly exit: Exit }
  /** It was not started, and not by a mistake of the task. */
  | { readonly type: 'refused'; readonly mark: string; readonly message: string }
  | { readonly type: 'listed'; readonly id: number; readonly running: readonly RunningTask[] }
  | { readonly type: 'swept'; readonly id: number; readonly left: readonly number[] }
  /** Something that concerns no single task, in words for the one who looks after the machine. */
  | { readonly type: 'problem'; readonly message: string };

/** A task that an executor sees to its end. The handle is null while it is being started. */
export interface RunningTask {
  readonly mark: string;
  readonly handle: Handle | null;
}

/** What one side sends. */
export function encode(message: Request | Message): Buffer {
  return textFrame(JSON.stringify(message));
}

/** What an executor understands. Who can connect is trusted to keep to the shapes. @throws when it is no JSON */
export function decodeRequest(frame: Buffer): Request {
  return JSON.parse(frame.toString()) as Request;
}

/** What a client understands. @throws when it is no JSON */
export function decodeMessage(frame: Buffer): Message {
  return JSON.parse(frame.toString()) as Message;
}
