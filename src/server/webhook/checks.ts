import type { JsonObject } from '../../model/json.ts';
import { isJsonObject } from '../../model/json.ts';
import { Problem } from '../problem.ts';

/** The headers of a delivery, all of them there and well-formed. */
export interface DeliveryHeaders {
  readonly id: string;
  readonly event: string;
  /** `sha256=` and 64 hexadecimal digits. */
  readonly signature: string;
}

/** The shortest secret that is worth something, in characters. */
const SHORTEST_SECRET = 16;

const ID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
const EVENT = /^[a-z][a-z_]{0,63}$/;
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Why a text cannot be the secret of a webhook, or null. */
export function secretProblem(secret: string): string | null {
  if (secret.trim().length >= SHORTEST_SECRET) return null;
  return `the webhook secret must have at least ${SHORTEST_SECRET} characters`;
}

/** Refuses a body that is not plain JSON by its headers. @throws a `Problem` */
export function checkContent(headers: Headers): void {
  const type = String(headers['content-type'] ?? '');
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw new Problem('not-json', 'set the content type of the webhook to application/json (content type JSON)');
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem('not-json', 'a compressed body is not taken; send plain JSON');
  }
}

/** The headers of a delivery. A header that came twice is one with a comma, which fits none of the patterns. @throws a `Problem` */
export function readDeliveryHeaders(headers: Headers): DeliveryHeaders {
  const event = matching(headers, 'x-github-event', EVENT);
  const id = matching(headers, 'x-github-delivery', ID).toLowerCase();
  const signature = headers['x-hub-signature-256'];
  if (typeof signature === 'string' && SIGNATURE.test(signature)) return { id, event, signature };
  throw new Problem('bad-signature', 'a header X-Hub-Signature-256 is needed: sha256= and 64 hexadecimal digits');
}

/** Refuses a body that cannot belong to its event: the name of the event is not signed. @throws a `Problem` */
export function checkFit(event: string, payload: JsonObject): void {
  const needed = Object.hasOwn(TELLTALES, event) ? (TELLTALES[event] ?? []) : [];
  const missing = needed.find(([key, kind]) => !isOf(kind, payload, key));
  if (missing === undefined) return;
  throw new Problem('bad-delivery', `this is no body of the event "${event}": "${missing[0]}" is not there`);
}

type Kind = 'text' | 'object';

/** What the body of an event always has. */
const TELLTALES: Readonly<Record<string, readonly (readonly [string, Kind])[]>> = {
  push: [
    ['ref', 'text'],
    ['before', 'text'],
    ['after', 'text'],
  ],
  pull_request: [
    ['action', 'text'],
    ['pull_request', 'object'],
  ],
  pull_request_review: [
    ['review', 'object'],
    ['pull_request', 'object'],
  ],
  issues: [
    ['action', 'text'],
    ['issue', 'object'],
  ],
  issue_comment: [
    ['issue', 'object'],
    ['comment', 'object'],
  ],
  release: [
    ['action', 'text'],
    ['release', 'object'],
  ],
  workflow_run: [['workflow_run', 'object']],
  workflow_job: [['workflow_job', 'object']],
  check_run: [['check_run', 'object']],
  check_suite: [['check_suite', 'object']],
  deployment: [['deployment', 'object']],
  deployment_status: [['deployment_status', 'object']],
  create: [
    ['ref', 'text'],
    ['ref_type', 'text'],
  ],
  delete: [
    ['ref', 'text'],
    ['ref_type', 'text'],
  ],
  repository_dispatch: [['action', 'text']],
  ping: [['zen', 'text']],
};

function isOf(kind: Kind, payload: JsonObject, key: string): boolean {
  const value = Object.hasOwn(payload, key) ? payload[key] : undefined;
  return kind === 'text' ? typeof value === 'string' : isJsonObject(value);
}

function matching(headers: Headers, name: string, pattern: RegExp): string {
  const value = headers[name];
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new Problem('bad-delivery', `the header ${name} is missing or not well-formed`);
}
