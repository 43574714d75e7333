/** What every option has. */
interface OptionBase {
  /** One letter. */
  readonly short?: string;
  /** For help: what it does, in a few words. */
  readonly description: string;
}

/** An option that is there or not. */
export interface FlagOption extends OptionBase {
  readonly kind: 'flag';
}

/**
 * An option with a value. `text` takes any but the empty one; `count` a whole number from 1; the others may be repeated: `list`
 * gathers values, `names` takes several with commas between them, `pairs` takes `NAME=VALUE`, each name once.
 */
export interface ValueOption extends OptionBase {
  readonly kind: 'text' | 'count' | 'list' | 'names' | 'pairs';
  /** How help writes the value. */
  readonly value: string;
  /** For `text`: the only values it may have. */
  readonly choices?: readonly string[];
  /** For help: what holds when it is not given. */
  readonly fallback?: string;
}

/** One option of a command. */
export type Option = FlagOption | ValueOption;

/** The options of a command by name, in the order of the help. `dryRun` is written `--dry-run`. */
export type Options = Readonly<Record<string, Option>>;

/** What a command gets for an option of each kind. */
interface ValueOf {
  readonly flag: boolean;
  readonly text: string | undefined;
  readonly count: number | undefined;
  readonly list: readonly string[];
  readonly names: readonly string[];
  readonly pairs: ReadonlyMap<string, string>;
}

/** The values of a command's options. */
export type OptionValues<O extends Options> = { readonly [K in keyof O]: ValueOf[O[K]['kind']] };

/** What a command works on, such as files: how many it takes. */
export interface Operands {
  /** How help writes one. */
  readonly name: string;
  readonly description: string;
  /** How the usage line writes all of them, where that is more than a name that may repeat. */
  readonly usage?: string;
  /** The only words one may be; checked by the command. */
  readonly choices?: readonly string[];
  readonly least: number;
  readonly most: number;
}

/** A command line understood. */
export interface Arguments<O extends Options = Options> {
  readonly options: OptionValues<O>;
  readonly operands: readonly string[];
}

/** The name of an option as it is written: `--dry-run`. */
export function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
