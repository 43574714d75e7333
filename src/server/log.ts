/** Where the server writes about itself; pino fits. Neither bodies nor secrets are ever among the fields. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
