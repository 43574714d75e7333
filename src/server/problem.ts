import { CONTROL_ERRORS, ControlError } from '../model/control.ts';

/** What the server itself refuses with; `status` is the HTTP status. Documented in `docs/api.md`. */
export const SERVER_ERRORS = {
  'bad-path': 400,
  'bad-host': 400,
  'bad-http': 400,
  'bad-delivery': 400,
  unauthorized: 401,
  'bad-signature': 401,
  'foreign-origin': 403,
  'not-found': 404,
  'webhook-off': 404,
  'method-not-allowed': 405,
  timeout: 408,
  replay: 409,
  'too-large': 413,
  'not-json': 415,
  'wrong-host': 421,
  'too-many-failures': 429,
  'headers-too-large': 431,
  internal: 500,
  busy: 503,
} as const;

/** Every code an error of the API can have, with its HTTP status. */
export const ERROR_STATUS = { ...CONTROL_ERRORS, ...SERVER_ERRORS } as const;

/** A stable name of an error. */
export type ProblemCode = keyof typeof ERROR_STATUS;

/** A request that is refused, in words for whoever sent it. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  /** How long the answer is held back, in ms. */
  readonly delayMs: number;

  constructor(code: ProblemCode, message: string, headers: Readonly<Record<string, string>> = {}, delayMs = 0) {
    super(message);
    this.code = code;
    this.headers = headers;
    this.delayMs = delayMs;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** The refusal an error stands for, or null when it is trouble of our own. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof ControlError) return new Problem(error.code, error.message, retryHeaders(error));
  return error instanceof Error && 'statusCode' in error ? frameworkProblem(error, error.statusCode) : null;
}

function retryHeaders(error: ControlError): Record<string, string> {
  return CONTROL_ERRORS[error.code] === 503 ? { 'retry-after': '5' } : {};
}

/** What the HTTP framework refuses: paths it cannot decode, bodies of another type, values its schemas do not allow. */
function frameworkProblem(error: Error, status: unknown): Problem | null {
  if ('validation' in error) return new Problem('bad-request', error.message);
  if (status === 415) return new Problem('not-json', 'the body must have content type JSON (application/json)');
  if (status === 413) return new Problem('too-large', 'the request is too large');
  if (status === 404) return new Problem('not-found', 'there is nothing at this path');
  if (status === 400 || status === 414) return new Problem('bad-path', 'the path of the request is not well-formed');
  return null;
}
