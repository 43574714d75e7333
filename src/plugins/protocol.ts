import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import type { PluginJob, PluginNotice, PluginSignal, SecretAsker } from '../model/plugin.ts';
import type { Stream } from '../model/ports.ts';
import { textFrame } from '../util/frames.ts';

/**
 * The language between the program and the process of a plugin: frames of JSON on descriptor 3. The process may be started from
 * another version of the program, after an upgrade, so this number changes whenever either side changes its meaning.
 */
export const VERSION = 2;

/** The descriptor of a plugin's process that leads to the program. */
export const CHANNEL = 3;

/** What a plugin can be asked to do. It ends with a reply or an error. */
export type Work =
  | { readonly type: 'run'; readonly job: PluginJob }
  | { readonly type: 'watch'; readonly kind: string; readonly entry: JsonObject }
  | { readonly type: 'notify'; readonly notifier: string; readonly notice: PluginNotice }
  | { readonly type: 'secrets'; readonly names: readonly string[]; readonly asker: SecretAsker }
  | { readonly type: 'help'; readonly helper: string; readonly values: readonly Json[] };

/** What the program says. */
export type Request =
  | { readonly type: 'load'; readonly file: string }
  | { readonly type: 'signal'; readonly signal: PluginSignal }
  | { readonly type: 'work'; readonly id: number; readonly work: Work }
  /** The work must end. */
  | { readonly type: 'end'; readonly id: number }
  /** The oldest chunk of the job that was not yet taken has been. */
  | { readonly type: 'taken'; readonly id: number }
  /** What a trigger fired is durable; `problem` says why it is not. */
  | { readonly type: 'fired'; readonly id: number; readonly call: number; readonly problem: string | null };

/** What the process of a plugin says. */
export type Message =
  | { readonly type: 'loaded'; readonly version: number; readonly description: Json }
  | { readonly type: 'unusable'; readonly failure: Failure }
  | { readonly type: 'output'; readonly id: number; readonly stream: Stream; readonly base64: string }
  /** A trigger fires; `call` tells its firings apart. */
  | { readonly type: 'fire'; readonly id: number; readonly call: number; readonly firing: Json }
  | { readonly type: 'ended'; readonly id: number; readonly reply: Json }
  | { readonly type: 'threw'; readonly id: number; readonly failure: Failure }
  /** The plugin has dealt with `destroy`. */
  | { readonly type: 'destroyed' };

/** An error of a plugin's code. */
export interface Failure {
  readonly message: string;
  readonly stack: string;
}

/** What one side sends. */
export function encode(message: Request | Message): Buffer {
  return textFrame(JSON.stringify(message));
}

/** What the program hears. @throws when it is none of the messages: a plugin can write anything there */
export function decodeMessage(frame: Buffer): Message {
  const message = JSON.parse(frame.toString()) as Json;
  if (isJsonObject(message) && isMessage(message)) return message as unknown as Message;
  throw new Error('no message');
}

function isMessage(message: JsonObject): boolean {
  const { type, id, call, version, stream, base64 } = message;
  switch (type as Message['type']) {
    case 'loaded':
      return typeof version === 'number' && 'description' in message;
    case 'unusable':
      return isFailure(message.failure);
    case 'output':
      return typeof id === 'number' && (stream === 'stdout' || stream === 'stderr') && typeof base64 === 'string';
    case 'fire':
      return typeof id === 'number' && typeof call === 'number';
    case 'ended':
      return typeof id === 'number' && 'reply' in message;
    case 'threw':
      return typeof id === 'number' && isFailure(message.failure);
    case 'destroyed':
      return true;
    default:
      return false;
  }
}

function isFailure(failure: Json | undefined): boolean {
  return isJsonObject(failure) && typeof failure.message === 'string' && typeof failure.stack === 'string';
}

/** What an error of a plugin's code says. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), stack: String(error) };
  return { message: `${error.name}: ${error.message}`, stack: withoutOwnFrames(error.stack ?? String(error)) };
}

/** Nobody who writes a plugin wants to read of Node or of us. */
function withoutOwnFrames(stack: string): string {
  const lines = stack.split('\n');
  return lines.filter((line) => !/^\s+at .*(?:node:|plugin-host\.cjs)/.test(line)).join('\n');
}
