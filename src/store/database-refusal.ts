/** Why a database was not opened. In no case was anything in it changed by us. */
export const REFUSAL_CODES = [
  /** Another process has it open. */
  'LEVEL_LOCKED',
  /** A newer version of the program wrote it. */
  'NEWER',
  /** It was sealed with another key. */
  'WRONG_KEY',
  /** Files are missing or do not make sense. */
  'DAMAGED',
] as const;

/** See `REFUSAL_CODES`. */
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A database that cannot be opened. The message names the folder and the way out. */
export class DatabaseRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The refusal of a damaged database; `what` says what is wrong with it. */
export function damaged(folder: string, what: string, cause?: unknown): DatabaseRefusal {
  const wayOut = 'It was left as it is: put a backup in its place, or move it away to begin with an empty state';
  return new DatabaseRefusal('DAMAGED', `the database ${folder} is damaged: ${what}. ${wayOut}`, { cause });
}
