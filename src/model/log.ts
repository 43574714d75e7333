/** Where a daemon tells its operator what happens, one line an event. Secrets are masked wherever they stand. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
