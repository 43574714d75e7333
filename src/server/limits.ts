/** What the server bears at once and at most. Times in ms, sizes in bytes. */
export interface Limits {
  /** Connections over TCP; the socket has as many of its own. */
  readonly connections: number;
  /** Connections from one address. */
  readonly connectionsPerAddress: number;
  readonly apiBody: number;
  readonly webhookBody: number;
  /** Deliveries being read or committed. */
  readonly deliveries: number;
  /** Clients of the stream of events. */
  readonly streams: number;
  /** Events kept for those who come back. */
  readonly keptEvents: number;
  /** Until the headers of a request must be there. */
  readonly headersMs: number;
  /** Until a whole request must be there. */
  readonly requestMs: number;
  /** Until a connection on which nothing moves is given up; 0 is never. */
  readonly idleMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  connections: 256,
  connectionsPerAddress: 32,
  apiBody: 1024 * 1024,
  webhookBody: 25 * 1024 * 1024,
  deliveries: 64,
  streams: 64,
  keptEvents: 10_000,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 120_000,
};

/** The most bytes the headers of a request may have together. */
export const HEADER_BYTES = 16 * 1024;

/** The longest one request may wait for something to happen, in ms. */
export const LONGEST_WAIT_MS = 60_000;
