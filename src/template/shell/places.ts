import type { MarkedScript, Marker } from './marked-script.ts';
import type { Refusal } from './refusal.ts';

/** How a reference is written where it stands. */
export type Form =
  /** `"${_R1}"` */
  | 'bare'
  /** `${_R1}`, within double quotes and here-documents */
  | 'quoted'
  /** `'"${_R1}"'`, within single quotes */
  | 'single'
  /** `'"${_R1}"$'`, within `$'…'` */
  | 'ansi'
  /** `(${_R1})`, a number in arithmetic */
  | 'number'
  /** `${_R1}`, a number in brackets */
  | 'index'
  /** nothing of it, in a comment */
  | 'comment';

/** A stretch of the marked text. */
export interface Range {
  readonly pos: number;
  readonly end: number;
}

/** What has been found out about the references of a script: the form that fits each, or why none does. */
export class Places {
  readonly script: MarkedScript;
  readonly #isNumber: (marker: Marker) => boolean;
  readonly #forms = new Map<Marker, Form>();
  readonly #refusals = new Map<Marker, Refusal>();

  constructor(script: MarkedScript, isNumber: (marker: Marker) => boolean) {
    this.script = script;
    this.#isNumber = isNumber;
  }

  /** The references that stand wholly within a stretch. */
  within({ pos, end }: Range): readonly Marker[] {
    const { markers } = this.script;
    const found: Marker[] = [];
    for (let at = firstFrom(markers, pos); at < markers.length; at++) {
      const marker = markers[at];
      if (!marker || marker.end > end) break;
      found.push(marker);
    }
    return found;
  }

  /** Whether a reference stands in a stretch, and whether all of them are plain numbers. */
  holds(range: Range): 'nothing' | 'numbers' | 'values' {
    const markers = this.within(range);
    if (markers.length === 0) return 'nothing';
    return markers.every(this.#isNumber) ? 'numbers' : 'values';
  }

  place(marker: Marker, form: Form): void {
    this.#forms.set(marker, form);
  }

  /** The first refusal of a reference stands. */
  refuse(marker: Marker, refusal: Refusal): void {
    if (!this.#refusals.has(marker)) this.#refusals.set(marker, refusal);
  }

  refuseAll(range: Range, refusal: Refusal): void {
    for (const marker of this.within(range)) this.refuse(marker, refusal);
  }

  formOf(marker: Marker): Form | undefined {
    return this.#forms.get(marker);
  }

  refusalOf(marker: Marker): Refusal | undefined {
    return this.#refusals.get(marker);
  }
}

/** Position of the first marker that starts at or after an offset; markers are in order. */
function firstFrom(markers: readonly Marker[], offset: number): number {
  let low = 0;
  let high = markers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((markers[middle]?.start ?? Number.POSITIVE_INFINITY) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
