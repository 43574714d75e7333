import { isJsonObject, type JsonObject } from '../model/json.ts';
import type { Delivery, Occasion, Trigger } from '../model/trigger.ts';
import { listAt, textAt, valueAt } from '../util/json-path.ts';
import { whyNot } from './github-filter.ts';
import { isFromFork } from './github-fork.ts';
import { githubFiring } from './github-payload.ts';

/** Fires when GitHub delivers an event that an entry names, of a repository that it names. */
export const githubTrigger: Trigger = {
  kind: 'github',
  initiator: 'webhook',
  arm(entry, host) {
    let armed = true;
    host.onDelivery('github', (delivery) => (armed ? judgeDelivery(entry.spec, delivery) : null));
    return {
      dispose() {
        armed = false;
      },
    };
  },
  next: () => [],
};

function judgeDelivery(spec: JsonObject, { id, event, payload }: Delivery): Occasion | null {
  const filter = valueAt(spec, 'events', event);
  if (!isJsonObject(filter) || !namesRepository(spec, payload)) return null;
  const message = whyNot(filter, event, payload);
  return {
    key: id,
    dueAt: null,
    verdict:
      message === null
        ? { kind: 'fire', firing: githubFiring('github', event, payload), withSecrets: maySeeSecrets(spec, payload) }
        : { kind: 'skip', reason: 'filtered', message },
    count: 1,
    overlap: 'allow',
  };
}

function namesRepository(spec: JsonObject, payload: JsonObject): boolean {
  const repository = textAt(payload, 'repository', 'full_name').toLowerCase();
  return listAt(spec, 'repositories').some((name) => String(name).toLowerCase() === repository);
}

function maySeeSecrets(spec: JsonObject, payload: JsonObject): boolean {
  return spec.allow_forks === true || !isFromFork(payload);
}
