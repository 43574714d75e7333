/** What a query says, by name; what is undefined is left out. */
export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The parts of a path, each encoded: an id may hold a `/`. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}

/** The query of a request, with its question mark; empty when nothing is given. */
export function queryText(parameters: Parameters): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}
