import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { verify } from '@octokit/webhooks-methods';
import type { Control, DeliveryAnswer } from '../../model/control.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Log } from '../../model/log.ts';
import type { Clock } from '../../model/ports.ts';
import { readBody } from '../http/read-body.ts';
import type { Metrics } from '../metrics.ts';
import { Problem, problemOf } from '../problem.ts';
import { type Answer, ok } from '../route.ts';
import { ByteBudget } from './byte-budget.ts';
import { checkContent, checkFit, type DeliveryHeaders, readDeliveryHeaders } from './checks.ts';

/** How many bodies of the greatest size are in memory at once: text and parsed form take ten times the bytes. */
const LARGE_BODIES = 1;

/** What receiving deliveries takes from outside. */
export interface ReceiverOptions {
  readonly control: Control;
  /** Any of them signs; two while they change. Null is off. */
  readonly secrets: readonly string[] | null;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  /** The object a body holds, or what is wrong with it. */
  parseBody(bytes: Uint8Array): JsonObject | string;
  /** The most bytes of a body. */
  readonly bodyLimit: number;
  /** How many deliveries are worked on at once. */
  readonly atOnce: number;
}

/** Takes deliveries of GitHub in: each is answered with success only once it is durable. */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #budget: ByteBudget;
  #underWay = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#budget = new ByteBudget(LARGE_BODIES * options.bodyLimit);
  }

  /** Answers one request. Rejects with what `problemOf` knows. */
  async receive(request: IncomingMessage): Promise<Answer> {
    const { metrics, log, atOnce } = this.#options;
    this.#underWay++;
    try {
      if (this.#underWay > atOnce) throw new Problem('busy', 'too many deliveries at once', { 'retry-after': '1' });
      return await this.#take(request);
    } catch (error) {
      const code = problemOf(error)?.code ?? 'internal';
      metrics.delivery(code);
      if (code !== 'busy') log.warn({ code, delivery: loggable(request) }, 'a delivery was refused');
      throw error;
    } finally {
      this.#underWay--;
    }
  }

  async #take(request: IncomingMessage): Promise<Answer> {
    const { secrets, metrics, bodyLimit } = this.#options;
    if (secrets === null) throw new Problem('webhook-off', 'webhooks are off: the config has no github.webhook_secret');
    checkContent(request.headers);
    const headers = readDeliveryHeaders(request.headers);
    const giveBack = await this.#budget.take(declaredSize(request, bodyLimit));
    try {
      const body = await readBody(request, bodyLimit);
      await checkSignature(secrets, body, headers.signature);
      const { outcome, answer } = await this.#settle(headers, body);
      metrics.delivery(outcome);
      return answer;
    } finally {
      giveBack();
    }
  }

  #parse(body: Buffer): JsonObject {
    const payload = this.#options.parseBody(body);
    if (typeof payload === 'string') throw new Problem('bad-delivery', payload);
    return payload;
  }

  async #settle(headers: DeliveryHeaders, body: Buffer): Promise<{ outcome: string; answer: Answer }> {
    const payload = this.#parse(body);
    checkFit(headers.event, payload);
    if (headers.event === 'ping') return { outcome: 'pong', answer: ok({ runs: [], decisions: ['pong'] }) };
    const { control, clock } = this.#options;
    const hash = createHash('sha256').update(body).digest('hex');
    const { id, event } = headers;
    const result = await control.deliver({ source: 'github', id, event, payload, receivedAt: clock.now() }, hash);
    if (result.outcome === 'replay') throw new Problem('replay', 'this body, or this id, was taken in before');
    return { outcome: result.outcome, answer: answerTo(result) };
  }
}

function answerTo({ outcome, runs, decisions }: DeliveryAnswer): Answer {
  return { status: outcome === 'accepted' ? 202 : 200, body: { runs, decisions } };
}

/** What a delivery calls itself, cut to a length a line can bear. */
function loggable(request: IncomingMessage): string {
  return String(request.headers['x-github-delivery'] ?? '').slice(0, 64);
}

/** A body without a length may become as long as any. @throws a `Problem` when it says that it is too long */
function declaredSize(request: IncomingMessage, limit: number): number {
  const length = request.headers['content-length'];
  if (length === undefined) return limit;
  if (Number(length) <= limit) return Number(length);
  throw new Problem('too-large', `the body has more than ${limit} bytes`);
}

/** Over the bytes as they came: text that is not UTF-8 would sign as another. @throws a `Problem` */
async function checkSignature(secrets: readonly string[], body: Buffer, signature: string): Promise<void> {
  if (body.length === 0) throw new Problem('bad-delivery', 'the body is empty');
  if (!isUtf8(body)) throw new Problem('bad-delivery', 'the body is not UTF-8');
  const text = body.toString('utf8');
  for (const secret of secrets) if (await verify(secret, text, signature)) return;
  throw new Problem('bad-signature', 'the signature does not fit the body; is the secret the same on both sides?');
}
