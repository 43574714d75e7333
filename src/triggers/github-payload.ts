import { isJsonObject, type Json } from '../model/json.ts';
import type { Firing } from '../model/run.ts';
import { textAt, valueAt } from '../util/json-path.ts';
import { type GithubRef, refOf } from './github-ref.ts';

/**
 * What templates see of a GitHub event. Every part of a payload may be absent (a push that deletes a branch has no head
 * commit), so what is not there is empty text. `event` is the name GitHub sends beside the payload.
 */
export function githubFiring(kind: string, event: string, payload: Json): Firing {
  const ref = refOf(event, payload);
  return {
    kind,
    event,
    action: textAt(payload, 'action'),
    repository: textAt(payload, 'repository', 'full_name'),
    branch: branchOf(payload, ref),
    tag: ref?.kind === 'tag' ? ref.name : textAt(payload, 'release', 'tag_name'),
    sha: shaOf(event, payload),
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

// Of a pull request the branch with the changes, while filters look at the one they go into.
function branchOf(payload: Json, ref: GithubRef | null): string {
  if (isJsonObject(valueAt(payload, 'pull_request'))) return textAt(payload, 'pull_request', 'head', 'ref');
  return ref?.kind === 'branch' ? ref.name : '';
}

function shaOf(event: string, payload: Json): string {
  const sha =
    textAt(payload, 'pull_request', 'head', 'sha') ||
    textAt(payload, 'after') ||
    textAt(payload, 'sha') ||
    textAt(payload, event, 'head_sha') ||
    textAt(payload, 'deployment', 'sha');
  return /^0+$/.test(sha) ? '' : sha;
}
