import type { FireOutcome, Request } from '../engine/admission/wish.ts';
import { ControlError, type DeliveryAnswer } from '../model/control.ts';
import type { DeliveryRecord, StateStore } from '../model/state-store.ts';
import type { Delivery } from '../model/trigger.ts';
import type { Judgement } from './trigger-board.ts';

/** How long a body must not come again under another id, in ms: ids and event names are not signed (reliability G8). */
const REPLAY_MS = 72 * 3_600_000;

/** Events somebody sends on purpose, which may well be sent again word for word. */
const REPEATABLE: ReadonlySet<string> = new Set(['repository_dispatch', 'workflow_dispatch', 'ping']);

/** What taking in deliveries needs. */
export interface DeliveryPorts {
  readonly state: StateStore;
  /** Resolves once the triggers of all workflows are as their files say; with false when they cannot be for now. */
  inForce(): Promise<boolean>;
  judge(delivery: Delivery): readonly Judgement[];
  submit(request: Request): Promise<readonly FireOutcome[]>;
}

/** Takes in each delivery once: its runs, the decisions about it and the fact that it came become durable together. */
export class Deliveries {
  readonly #ports: DeliveryPorts;
  /** Those on their way to the disk, by what must not come twice: their id and their body. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(ports: DeliveryPorts) {
    this.#ports = ports;
  }

  /** Resolves once the delivery is durable. @throws {ControlError} when its id was used for another body, or nothing can be taken in */
  async take(delivery: Delivery, bodyHash: string): Promise<DeliveryAnswer> {
    if (!(await this.#ports.inForce())) {
      throw new ControlError('disk-full', 'triggers cannot be put in force now: deliver it again');
    }
    const keys = [`id ${delivery.source} ${delivery.id}`, `body ${delivery.source} ${bodyHash}`];
    // The same at once: neither is answered before the first is durable.
    for (let twin = this.#twinOf(keys); twin; twin = this.#twinOf(keys)) await twin.catch(() => undefined);
    const known = this.#ports.state.delivery(delivery.source, delivery.id);
    if (known) {
      if (known.bodyHash === bodyHash) {
        await this.#recordAgain(delivery, known, `delivery ${known.id} was taken in before`);
        return { outcome: 'known', runs: known.runs, decisions: [] };
      }
      throw new ControlError('conflict', `delivery ${delivery.id} came before with another body`);
    }
    const replayed = this.#replayed(delivery, bodyHash);
    if (replayed) {
      await this.#recordAgain(delivery, replayed, `delivery ${delivery.id} has the body of ${replayed.id}`);
      return { outcome: 'replay', runs: [], decisions: [] };
    }
    const taken = this.#accept(delivery, bodyHash).finally(() => {
      for (const key of keys) this.#underWay.delete(key);
    });
    for (const key of keys) this.#underWay.set(key, taken);
    return taken;
  }

  #twinOf(keys: readonly string[]): Promise<unknown> | undefined {
    return keys.map((key) => this.#underWay.get(key)).find((twin) => twin !== undefined);
  }

  async #accept(delivery: Delivery, bodyHash: string): Promise<DeliveryAnswer> {
    const { source, id, event, receivedAt } = delivery;
    const judgements = this.#ports.judge(delivery);
    const outcomes = await this.#ports.submit({
      wishes: judgements.map(({ wish }) => wish),
      delivery: { source, id, event, bodyHash, at: receivedAt },
    });
    return {
      outcome: 'accepted',
      runs: outcomes.flatMap(({ run }) => (run ? [run.header.id] : [])),
      decisions: judgements.map(({ decision }) => decision),
    };
  }

  /** Keeps, for each trigger that would have looked at it, that it came again. */
  async #recordAgain(delivery: Delivery, first: DeliveryRecord, message: string): Promise<void> {
    const { state, judge, submit } = this.#ports;
    const wishes = judge(delivery).map(({ wish: { workflow, trigger, kind, dueAt, count, initiator } }) => {
      const { run = null } = state.firingOf(workflow.id, trigger, first.id) ?? {};
      const refused = { reason: 'duplicate' as const, message, run };
      return { workflow, trigger, kind, dueAt, count, initiator, key: null, refused };
    });
    if (wishes.length > 0) await submit({ wishes });
  }

  /** The delivery whose body this one has, if that is not to be. */
  #replayed({ source, event, receivedAt }: Delivery, bodyHash: string): DeliveryRecord | undefined {
    const earlier = this.#ports.state.deliveryOfBody(source, bodyHash);
    const isReplay = earlier !== undefined && !REPEATABLE.has(event) && receivedAt - earlier.at < REPLAY_MS;
    return isReplay ? earlier : undefined;
  }
}
