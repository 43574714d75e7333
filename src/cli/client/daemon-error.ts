import type { ErrorBody } from '../../model/api.ts';

/** The daemon cannot be reached, or is gone in the middle of an answer; the message says where it was looked for. */
export class Unreachable extends Error {
  /** Whether it had answered before. */
  readonly wasThere: boolean;

  constructor(message: string, options: { readonly wasThere: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.wasThere = options.wasThere;
  }
}

/** The daemon has answered that it will not. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.requestId = body.request_id;
  }
}

/** What was typed makes no sense to the daemon or to us: the message says why. */
export class UsageError extends Error {}

/** The user has lost interest: pressed Ctrl-C, or closed what reads the output. */
export class Detached extends Error {
  readonly by: 'signal' | 'closed';

  constructor(by: 'signal' | 'closed') {
    super(by);
    this.by = by;
  }
}

/** A body of the API's errors, or null for one that is not ours. */
export function errorBody(text: string): ErrorBody | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof body !== 'object' || body === null || !('code' in body) || !('message' in body)) return null;
  const { code, message } = body;
  if (typeof code !== 'string' || typeof message !== 'string') return null;
  return { code, message, request_id: 'request_id' in body ? String(body.request_id) : '' };
}
