import { formatSize } from '../../util/size.ts';

/** One message of the engine while it fetches an image; most are about a layer, which has an id. */
export interface PullMessage {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  /** Why it cannot go on. */
  readonly error?: string;
}

/** How far an image is fetched, and when that is worth telling: at most once for each tenth of the way. */
export class PullProgress {
  readonly #layers = new Map<string, Layer>();
  #told = 0;

  /** Takes the next message; returns how far it is, in words, if that is worth telling. */
  take({ id, status, progressDetail }: PullMessage): string | null {
    const known = id === undefined ? undefined : this.#layers.get(id);
    const layer = known ?? { loaded: 0, total: 0, isThere: false };
    if (id === undefined || !(known || BEGINNINGS.has(status ?? ''))) return null;
    this.#layers.set(id, advanced(layer, status ?? '', progressDetail ?? {}));
    const tenths = this.#tenths();
    if (tenths <= this.#told) return null;
    this.#told = tenths;
    return this.#words();
  }

  /** Layers tell their sizes only when their turn has come, so all count the same; unpacking is the last tenth of each. */
  #tenths(): number {
    const layers = [...this.#layers.values()];
    const parts = layers.map(({ loaded, total, isThere }) => (isThere ? 1 : total > 0 ? 0.9 * (loaded / total) : 0));
    return Math.floor((10 * parts.reduce((sum, part) => sum + part, 0)) / layers.length);
  }

  #words(): string {
    const layers = [...this.#layers.values()];
    const there = layers.filter(({ isThere }) => isThere).length;
    const bytes = layers.reduce((sum, { loaded }) => sum + loaded, 0);
    return `${there} of ${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}, ${formatSize(bytes)}`;
  }
}

interface Layer {
  readonly loaded: number;
  /** 0 while unknown. */
  readonly total: number;
  readonly isThere: boolean;
}

/** What is said of a layer first. */
const BEGINNINGS: ReadonlySet<string> = new Set(['Pulling fs layer', 'Already exists']);

function advanced(layer: Layer, status: string, { current = 0, total = 0 }: PullMessage['progressDetail'] & {}): Layer {
  switch (status) {
    case 'Downloading':
      return { ...layer, loaded: current, total };
    case 'Download complete':
      return { ...layer, loaded: layer.total };
    case 'Already exists':
    case 'Pull complete':
      return { ...layer, loaded: layer.total, isThere: true };
    default:
      return layer;
  }
}
