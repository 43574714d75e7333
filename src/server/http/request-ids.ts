import { randomBytes } from 'node:crypto';

/** Makes ids by which a request is found again in the log: unique also across restarts. */
export function requestIds(): () => string {
  const prefix = randomBytes(5).toString('hex');
  let last = 0;
  return () => `${prefix}-${++last}`;
}
