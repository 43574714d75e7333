import type { Json } from '../model/json.ts';
import { textAt } from '../util/json-path.ts';

/** The branch or tag that filters look at. */
export interface GithubRef {
  readonly kind: 'branch' | 'tag';
  readonly name: string;
}

/** The branch or tag an event is about, for filters: of pull requests the branch they go into. null when the payload names none. */
export function refOf(event: string, payload: Json): GithubRef | null {
  if (event.startsWith('pull_request')) return branch(textAt(payload, 'pull_request', 'base', 'ref'));
  switch (event) {
    case 'release':
      return tag(textAt(payload, 'release', 'tag_name'));
    case 'repository_dispatch':
      return branch(textAt(payload, 'branch'));
    case 'merge_group':
      return fromFullName(textAt(payload, 'merge_group', 'base_ref'));
    case 'check_run':
      return branch(textAt(payload, 'check_run', 'check_suite', 'head_branch'));
    case 'check_suite':
    case 'workflow_run':
    case 'workflow_job':
      return branch(textAt(payload, event, 'head_branch'));
    default:
      return fromRef(textAt(payload, 'ref'), textAt(payload, 'ref_type'));
  }
}

// Events that create or delete something name its kind beside it, others have it in the name.
function fromRef(ref: string, kind: string): GithubRef | null {
  if (kind === 'tag') return tag(ref);
  return kind === 'branch' ? branch(ref) : fromFullName(ref);
}

function fromFullName(ref: string): GithubRef | null {
  const [, folder, name] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? [];
  if (name === undefined) return null;
  return folder === 'tags' ? tag(name) : branch(name);
}

function branch(name: string): GithubRef | null {
  return name === '' ? null : { kind: 'branch', name };
}

function tag(name: string): GithubRef | null {
  return name === '' ? null : { kind: 'tag', name };
}
