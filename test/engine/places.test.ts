import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FairQueue } from '../../src/engine/fair-queue.ts';
import { type Places, SharedPlaces } from '../../src/engine/places.ts';

/** Runs that always want one more place, on shared places; `taken` says who got one, in order. */
class Crowd {
  readonly taken: string[] = [];
  readonly runs = new Map<string, Places>();
  wakes = 0;

  constructor(total: number, names: readonly string[]) {
    const shared = new SharedPlaces(total);
    for (const name of names) {
      const places = shared.join(name.slice(0, 1), () => {
        this.wakes += 1;
        this.#want(name);
      });
      this.runs.set(name, places);
    }
    for (const name of names) this.#want(name);
  }

  release(name: string): void {
    this.runs.get(name)?.release();
  }

  #want(name: string): void {
    while (this.runs.get(name)?.take()) this.taken.push(name);
  }
}

test('a free place goes to the run that waits longest of the workflow whose turn it is', () => {
  const crowd = new Crowd(1, ['a1', 'a2', 'b1', 'a3', 'c1']);
  for (let count = 0; count < 7; count += 1) crowd.release(crowd.taken.at(-1) ?? '');
  assert.deepEqual(crowd.taken, ['a1', 'a1', 'b1', 'c1', 'a2', 'b1', 'c1', 'a3']);
});

test('one freed place wakes one run, however many wait', () => {
  const crowd = new Crowd(
    1,
    Array.from({ length: 1_000 }, (_, index) => `a${index}`),
  );
  crowd.release('a0');
  assert.equal(crowd.wakes, 1);
});

test('a place that was set aside and is not wanted any more goes to the next', () => {
  const shared = new SharedPlaces(1);
  const woken: string[] = [];
  const [a, b, c] = ['a', 'b', 'c'].map((name) => shared.join(name, () => woken.push(name)));
  assert.deepEqual([a?.take(), b?.take(), c?.take()], [true, false, false]);
  a?.release();
  b?.withdraw();
  assert.deepEqual([woken, c?.take(), b?.take()], [['b', 'c'], true, false]);
});

test('places that are held beyond the bound are waited for', () => {
  const shared = new SharedPlaces(1);
  const places = shared.join('a', () => {});
  places.hold();
  places.hold();
  assert.equal(places.take(), false);
  places.release();
  assert.equal(places.take(), false);
  places.release();
  assert.equal(places.take(), true);
});

test('owners take turns, the items of one keep their order, and nothing is lost or given twice', () => {
  const item = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(5));
  const step = fc.oneof(
    item.map(([owner, number]) => ({ kind: 'add' as const, owner, item: `${owner}${number}` })),
    item.map(([owner, number]) => ({ kind: 'delete' as const, owner, item: `${owner}${number}` })),
    fc.constant({ kind: 'take' as const }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const queue = new FairQueue<string>();
      /** The same, slowly: owners in turn, each with its items. */
      let model: { owner: string; items: string[] }[] = [];
      for (const each of steps) {
        if (each.kind === 'add') {
          queue.add(each.owner, each.item);
          const known = model.find(({ owner }) => owner === each.owner);
          if (!known) model.push({ owner: each.owner, items: [each.item] });
          else if (!known.items.includes(each.item)) known.items.push(each.item);
        } else if (each.kind === 'delete') {
          queue.delete(each.owner, each.item);
          for (const entry of model) entry.items = entry.items.filter((one) => one !== each.item);
          model = model.filter(({ items }) => items.length > 0);
        } else {
          const [first, ...rest] = model;
          const expected = first?.items.shift();
          model = first && first.items.length > 0 ? [...rest, first] : rest;
          assert.equal(queue.take(), expected);
        }
        assert.equal(queue.size, model.flatMap(({ items }) => items).length);
      }
    }),
  );
});
