import type { RunEvent } from '../model/event.ts';
import type { Firing } from '../model/run.ts';
import { collectGarbage } from '../util/collect-garbage.ts';

/** Payloads with a longer text, in characters, are kept apart from the event that a run begins with. */
const LARGE = 64 * 1024;

type Created = Extract<RunEvent, { type: 'run-created' }>;

/**
 * An event as it is stored, and the JSON of its payload when that is kept apart: then the event has none. `textOf` makes JSON of a
 * payload, which several runs may have in common.
 */
export function splitLargePayload(
  event: RunEvent,
  textOf: (payload: Firing['payload']) => string,
): { readonly event: object; readonly payload: string | null } {
  if (event.type !== 'run-created') return { event, payload: null };
  const { payload, ...facts } = event.run.firing;
  const text = textOf(payload);
  if (text.length < LARGE) return { event, payload: null };
  return { event: { ...event, run: { ...event.run, firing: facts } }, payload: text };
}

/**
 * A stored event with the payload that was kept apart from it. `read` is called when somebody looks at it, and again when memory has
 * not kept it: a payload may have 25 MiB and takes several times as much, and most templates never look.
 */
export function joinLargePayload(event: RunEvent, read: (run: string) => Firing['payload']): RunEvent {
  if (event.type !== 'run-created' || 'payload' in event.run.firing) return event;
  return withLazyPayload(event, () => read(event.run.id));
}

function withLazyPayload(event: Created, read: () => Firing['payload']): RunEvent {
  let kept: WeakRef<object> | null = null;
  const firing: Firing = {
    ...event.run.firing,
    get payload() {
      const known = kept?.deref();
      if (known !== undefined) return known as Firing['payload'];
      collectGarbage();
      const payload = read();
      if (typeof payload === 'object' && payload !== null) kept = new WeakRef(payload);
      return payload;
    },
  };
  return { ...event, run: { ...event.run, firing } };
}
