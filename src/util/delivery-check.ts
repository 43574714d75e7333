import { isUtf8 } from 'node:buffer';
import { isJsonObject, type JsonObject } from '../model/json.ts';
import { parseUntrusted } from './untrusted-json.ts';

/** The most nested levels of a webhook's body. */
export const MAX_DEPTH = 100;

/** The most values of a JSON body: GitHub takes 50 characters for one, and sends 25 MiB at most. Each takes memory. */
export const MAX_VALUES = 750_000;

/** What a genuine delivery holds, or why it is none, as a sentence for the sender. */
export type CheckedDelivery =
  | { readonly payload: JsonObject; readonly problem?: never }
  | { readonly payload?: never; readonly problem: string };

/**
 * Checks what a webhook of GitHub must look like besides its signature. The signature covers the body alone, so the name of the event
 * and the id are taken only in their exact form, and the event only with a body that fits it. `event` and `id` are header values.
 */
export function checkDelivery(event: unknown, id: unknown, body: Uint8Array): CheckedDelivery {
  const problem = checkHeaders(event, id);
  if (problem !== null) return { problem };
  const parsed = readPayload(body);
  if (parsed.problem !== undefined) return parsed;
  const misfit = whyMisfit(String(event), parsed.payload);
  return misfit === null ? parsed : { problem: misfit };
}

/** What is wrong with the name of an event or the id of a delivery; null when both are in order. */
export function checkHeaders(event: unknown, id: unknown): string | null {
  if (typeof event !== 'string' || !EVENT.test(event)) return 'X-GitHub-Event must be the name of an event';
  if (typeof id !== 'string' || !GUID.test(id)) return 'X-GitHub-Delivery must be a GUID';
  return null;
}

/** Why a body cannot belong to an event, or null. Events that are not known here fit any body. */
export function whyMisfit(event: string, payload: JsonObject): string | null {
  const shape = SHAPES.get(event);
  const missing = shape?.has.find((key) => !Object.hasOwn(payload, key));
  if (missing !== undefined) return `the body does not fit the event ${event}: it has no "${missing}"`;
  const odd = shape?.lacks?.find((key) => Object.hasOwn(payload, key));
  return odd === undefined ? null : `the body does not fit the event ${event}: it has "${odd}"`;
}

const EVENT = /^[a-z][a-z0-9_]{0,63}$/;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Shape {
  readonly has: readonly string[];
  /** What only the body of a similar event has. */
  readonly lacks?: readonly string[];
}

/** Keys that tell the bodies of events apart. */
const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['push', { has: ['ref', 'before', 'after', 'commits'] }],
  ['pull_request', { has: ['action', 'number', 'pull_request'] }],
  ['pull_request_review', { has: ['action', 'review', 'pull_request'] }],
  ['pull_request_review_comment', { has: ['action', 'comment', 'pull_request'] }],
  ['pull_request_review_thread', { has: ['action', 'thread', 'pull_request'] }],
  ['issues', { has: ['action', 'issue'], lacks: ['comment'] }],
  ['issue_comment', { has: ['action', 'issue', 'comment'] }],
  ['commit_comment', { has: ['action', 'comment'], lacks: ['issue', 'pull_request', 'discussion'] }],
  ['release', { has: ['action', 'release'] }],
  ['create', { has: ['ref', 'ref_type', 'master_branch'] }],
  ['delete', { has: ['ref', 'ref_type', 'pusher_type'], lacks: ['master_branch'] }],
  ['workflow_run', { has: ['action', 'workflow_run', 'workflow'], lacks: ['deployment'] }],
  ['workflow_job', { has: ['action', 'workflow_job'] }],
  ['workflow_dispatch', { has: ['ref', 'workflow', 'inputs'] }],
  ['repository_dispatch', { has: ['action', 'branch', 'client_payload'] }],
  ['check_run', { has: ['action', 'check_run'] }],
  ['check_suite', { has: ['action', 'check_suite'] }],
  ['merge_group', { has: ['action', 'merge_group'] }],
  ['deployment', { has: ['deployment'], lacks: ['deployment_status', 'workflow_job', 'check_run'] }],
  ['deployment_status', { has: ['deployment', 'deployment_status'] }],
  ['discussion', { has: ['action', 'discussion'], lacks: ['comment'] }],
  ['discussion_comment', { has: ['action', 'discussion', 'comment'] }],
  ['fork', { has: ['forkee'] }],
  ['gollum', { has: ['pages'] }],
  ['label', { has: ['action', 'label'], lacks: ['issue', 'pull_request', 'discussion'] }],
  ['milestone', { has: ['action', 'milestone'], lacks: ['issue', 'pull_request'] }],
  ['ping', { has: ['zen', 'hook_id'] }],
  ['star', { has: ['action', 'starred_at'] }],
  ['status', { has: ['sha', 'state', 'context'] }],
  ['watch', { has: ['action'], lacks: ['starred_at'] }],
]);

/** The object that the body of a delivery holds, or why it holds none. */
export function readPayload(body: Uint8Array): CheckedDelivery {
  const text = decodeBody(body);
  return text === null ? { problem: 'the body is not UTF-8' } : readPayloadText(text);
}

/** The text of a body, or null when its bytes are not UTF-8. */
export function decodeBody(body: Uint8Array): string | null {
  return isUtf8(body) ? Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8') : null;
}

/** The same as `readPayload`, of a body that is text already. */
export function readPayloadText(text: string): CheckedDelivery {
  const { value, problem } = parseUntrusted(text, MAX_DEPTH, MAX_VALUES);
  if (problem !== undefined) return { problem: `the body cannot be read: ${problem}` };
  return isJsonObject(value) ? { payload: value } : { problem: 'the body must be a JSON object' };
}
