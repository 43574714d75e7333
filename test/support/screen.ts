/**
 * A small model of a terminal: what a person sees after all that was written. Knows line feeds, carriage returns, wrapping,
 * moving up and erasing to the end; ignores colours; throws at any other control character.
 */
export class Screen {
  readonly #columns: number;
  readonly #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** Lines from the first written to the last. */
  get lines(): readonly string[] {
    return this.#lines.at(-1) === '' ? this.#lines.slice(0, -1) : this.#lines;
  }

  write(text: string): void {
    for (const [token] of text.matchAll(TOKENS)) this.#take(token);
  }

  #take(token: string): void {
    if (token === '\n') this.#feed();
    else if (token === '\r') this.#column = 0;
    else if (token === '\x1b[J') this.#erase();
    else if (token.startsWith('\x1b[') && token.endsWith('A')) this.#up(Number(token.slice(2, -1)));
    else if (token.startsWith('\x1b[') && token.endsWith('m')) return;
    else if (/^[^\p{Cc}]$/u.test(token)) this.#put(token);
    else throw new Error(`A display must not write ${JSON.stringify(token)}`);
  }

  #feed(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#lines.length) this.#lines.push('');
  }

  #up(rows: number): void {
    if (rows > this.#row) throw new Error(`Moved up ${rows} lines from line ${this.#row}`);
    this.#row -= rows;
  }

  #erase(): void {
    this.#lines.splice(this.#row + 1);
    this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column);
  }

  #put(character: string): void {
    if (this.#column === this.#columns) this.#feed();
    const line = (this.#lines[this.#row] ?? '').padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
    this.#column++;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const TOKENS = /\x1b\[[\d;]*[A-Za-z]|[\s\S]/gu;
