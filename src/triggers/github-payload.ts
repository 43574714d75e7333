import { isJsonObject, type Json } from '../model/json.ts';
import type { Firing } from '../model/run.ts';
import { textAt } from '../util/json-path.ts';

/**
 * What templates see of a GitHub event. Every part of a payload may be absent (a push that deletes a branch has no head
 * commit), so what is not there is empty text. `event` is the name GitHub sends beside the payload.
 */
export function githubFiring(kind: string, event: string, payload: Json): Firing {
  const ref = textAt(payload, 'ref');
  return {
    kind,
    event,
    action: textAt(payload, 'action'),
    repository: textAt(payload, 'repository', 'full_name'),
    branch: branchOf(payload, ref),
    tag: textAt(payload, 'release', 'tag_name') || after(ref, 'refs/tags/') || (isTagRef(payload) ? ref : ''),
    sha: shaOf(payload),
    sender: textAt(payload, 'sender', 'login'),
    scheduledAt: '',
    payload,
  };
}

/** The event a bare payload most likely belongs to, told from what only that event carries; empty when unclear. */
export function guessEvent(payload: Json): string {
  if (!isJsonObject(payload)) return '';
  if ('pull_request' in payload && 'review' in payload) return 'pull_request_review';
  for (const name of ['pull_request', 'release', 'workflow_run', 'check_run', 'check_suite', 'deployment']) {
    if (name in payload) return name;
  }
  if ('issue' in payload) return 'comment' in payload ? 'issue_comment' : 'issues';
  if ('ref' in payload && 'after' in payload) return 'push';
  if ('zen' in payload) return 'ping';
  return '';
}

function branchOf(payload: Json, ref: string): string {
  const head = textAt(payload, 'pull_request', 'head', 'ref');
  if (head) return head;
  if (textAt(payload, 'ref_type') === 'branch') return ref;
  return after(ref, 'refs/heads/');
}

function shaOf(payload: Json): string {
  const sha = textAt(payload, 'pull_request', 'head', 'sha') || textAt(payload, 'after') || textAt(payload, 'sha');
  return /^0+$/.test(sha) ? '' : sha;
}

function isTagRef(payload: Json): boolean {
  return textAt(payload, 'ref_type') === 'tag';
}

function after(ref: string, prefix: string): string {
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : '';
}
