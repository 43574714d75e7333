/** A function that remembers its newest results, at most `most` of them. What it computes must depend on its argument alone. */
export function memo<Argument, Result extends object>(
  compute: (argument: Argument) => Result,
  most: number,
): (argument: Argument) => Result {
  const results = new Map<Argument, Result>();
  return (argument) => {
    const known = results.get(argument);
    if (known !== undefined) return known;
    const result = compute(argument);
    results.set(argument, result);
    for (const oldest of results.keys()) {
      if (results.size <= most) break;
      results.delete(oldest);
    }
    return result;
  };
}
