/** A plugin cannot be used. The message says why, in one line; `details` is its stack or its last words, or empty. */
export class PluginFailure extends Error {
  readonly details: string;

  constructor(message: string, details: string) {
    super(message);
    this.details = details;
  }
}
