/** A value of an axis. Two values are the same when their text is. */
export type Scalar = string | number | boolean;

/** Values by axis, in the order they are shown. */
export type Combination = ReadonlyMap<string, Scalar>;

/** A matrix as the file gives it. */
export interface Matrix {
  /** In file order; none is empty. */
  readonly axes: ReadonlyMap<string, readonly Scalar[]>;
  readonly include: readonly Combination[];
  readonly exclude: readonly Combination[];
}

/** What a matrix stands for, and which of its lines say nothing. */
export interface Expansion {
  /** The product of the axes, the last varying fastest, without what is excluded; then what `include` adds. */
  readonly combinations: readonly Combination[];
  /** Positions of excludes that fit no combination. */
  readonly idleExcludes: readonly number[];
  /** Positions of includes that add a combination another one adds already. */
  readonly repeatedIncludes: readonly number[];
}

/** How many combinations the axes make, before anything is excluded or included; 0 without axes. */
export function productSize({ axes }: Matrix): number {
  return axes.size === 0 ? 0 : [...axes.values()].reduce((size, values) => size * values.length, 1);
}

/**
 * Lays a matrix out, with GitHub's meaning of its keys. An exclude takes out every combination that has all its values. An
 * include then adds its values to every combination of the axes that it does not contradict; if there is none, it becomes a
 * combination of its own, to which later includes add nothing.
 */
export function expandMatrix(matrix: Matrix): Expansion {
  const all = product(matrix.axes);
  const idleExcludes = positions(matrix.exclude, (exclude) => !all.some((combination) => fits(combination, exclude)));
  const kept = all.filter((combination) => !matrix.exclude.some((exclude) => fits(combination, exclude)));
  const grown = kept.map((combination) => new Map(combination));
  const added = new Map<string, Combination>();
  const repeatedIncludes = positions(matrix.include, (include) => {
    const onAxes = new Map([...include].filter(([axis]) => matrix.axes.has(axis)));
    const targets = grown.filter((combination) => fits(combination, onAxes));
    for (const target of targets) for (const [axis, value] of include) target.set(axis, value);
    if (targets.length > 0) return false;
    const key = sortedKey(include);
    const isRepeated = added.has(key);
    added.set(key, inOrder(include, matrix.axes.keys()));
    return isRepeated;
  });
  return { combinations: [...grown, ...added.values()], idleExcludes, repeatedIncludes };
}

function product(axes: Matrix['axes']): Combination[] {
  if (axes.size === 0) return [];
  let combinations: Combination[] = [new Map()];
  for (const [axis, values] of axes) {
    combinations = combinations.flatMap((start) => values.map((value) => new Map([...start, [axis, value]])));
  }
  return combinations;
}

function fits(combination: Combination, part: Combination): boolean {
  return [...part].every(([axis, value]) => combination.has(axis) && isSame(combination.get(axis), value));
}

function isSame(a: Scalar | undefined, b: Scalar): boolean {
  return String(a) === String(b);
}

function positions<T>(items: readonly T[], wanted: (item: T) => boolean): number[] {
  return items.flatMap((item, position) => (wanted(item) ? [position] : []));
}

/** The same combination, its axes of the matrix first. */
function inOrder(combination: Combination, axes: Iterable<string>): Combination {
  const first = [...axes].filter((axis) => combination.has(axis));
  return new Map([...new Set([...first, ...combination.keys()])].map((axis) => [axis, combination.get(axis) ?? '']));
}

function sortedKey(combination: Combination): string {
  return JSON.stringify([...combination].map(([axis, value]) => [axis, String(value)]).sort());
}
