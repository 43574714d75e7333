/** The filters an entry under `on: github` may put on an event. */
export type EventFilterName =
  | 'types'
  | 'branches'
  | 'branches_ignore'
  | 'tags'
  | 'tags_ignore'
  | 'paths'
  | 'paths_ignore';

/** What the loader and the webhook know about one GitHub event. */
export interface GithubEvent {
  /** The filters that mean something for it. */
  readonly filters: readonly EventFilterName[];
  /** Its actions; empty when it has none, null when the list is not kept here. */
  readonly actions: readonly string[] | null;
}

const BRANCHES = ['branches', 'branches_ignore'] as const;
const TAGS = ['tags', 'tags_ignore'] as const;

const PULL_REQUEST_ACTIONS =
  'assigned auto_merge_disabled auto_merge_enabled closed converted_to_draft demilestoned dequeued edited enqueued labeled locked milestoned opened ready_for_review reopened review_request_removed review_requested synchronize unassigned unlabeled unlocked';
const ISSUE_ACTIONS =
  'assigned closed deleted demilestoned edited labeled locked milestoned opened pinned reopened transferred typed unassigned unlabeled unlocked unpinned untyped';

/** The events GitHub delivers by webhook (GitHub's page "Webhook events and payloads"), by name. */
export const GITHUB_EVENTS: ReadonlyMap<string, GithubEvent> = new Map<string, GithubEvent>([
  ['push', { filters: [...BRANCHES, ...TAGS, 'paths', 'paths_ignore'], actions: [] }],
  // Its payload does not list files, so no filter of paths can be kept.
  ['pull_request', { filters: ['types', ...BRANCHES], actions: PULL_REQUEST_ACTIONS.split(' ') }],
  ['pull_request_review', withActions('dismissed edited submitted', BRANCHES)],
  ['pull_request_review_comment', withActions('created deleted edited', BRANCHES)],
  ['pull_request_review_thread', withActions('resolved unresolved', BRANCHES)],
  ['issues', withActions(ISSUE_ACTIONS)],
  ['issue_comment', withActions('created deleted edited pinned unpinned')],
  ['release', withActions('created deleted edited prereleased published released unpublished', TAGS)],
  ['create', { filters: [...BRANCHES, ...TAGS], actions: [] }],
  ['delete', { filters: [...BRANCHES, ...TAGS], actions: [] }],
  ['workflow_run', withActions('completed in_progress requested', BRANCHES)],
  ['workflow_job', withActions('completed in_progress queued waiting', BRANCHES)],
  ['workflow_dispatch', { filters: BRANCHES, actions: [] }],
  ['repository_dispatch', { filters: ['types', ...BRANCHES], actions: null }],
  ['check_run', withActions('completed created requested_action rerequested', BRANCHES)],
  ['check_suite', withActions('completed requested rerequested', BRANCHES)],
  ['merge_group', withActions('checks_requested destroyed', BRANCHES)],
  ['branch_protection_rule', withActions('created deleted edited')],
  ['commit_comment', withActions('created')],
  ['deploy_key', withActions('created deleted')],
  ['deployment', withActions('created')],
  ['deployment_status', withActions('created')],
  ['discussion', otherActions()],
  ['discussion_comment', withActions('created deleted edited')],
  ['label', withActions('created deleted edited')],
  ['member', withActions('added edited removed')],
  ['membership', withActions('added removed')],
  ['milestone', withActions('closed created deleted edited opened')],
  ['package', withActions('published updated')],
  ['project_card', withActions('converted created deleted edited moved')],
  ['project_column', withActions('created deleted edited moved')],
  ['registry_package', withActions('published updated')],
  ['repository', otherActions()],
  ['repository_import', withoutActions()],
  ['repository_ruleset', withActions('created deleted edited')],
  ['repository_vulnerability_alert', otherActions()],
  ['code_scanning_alert', otherActions()],
  ['dependabot_alert', otherActions()],
  ['secret_scanning_alert', otherActions()],
  ['security_advisory', otherActions()],
  ['security_and_analysis', withoutActions()],
  ['sponsorship', otherActions()],
  ['star', withActions('created deleted')],
  ['status', withoutActions()],
  ['sub_issues', otherActions()],
  ['team', otherActions()],
  ['team_add', withoutActions()],
  ['watch', withActions('started')],
  ['fork', withoutActions()],
  ['gollum', withoutActions()],
  ['meta', withActions('deleted')],
  ['organization', otherActions()],
  ['page_build', withoutActions()],
  ['public', withoutActions()],
  ['ping', withoutActions()],
]);

function withActions(actions: string, filters: readonly EventFilterName[] = []): GithubEvent {
  return { filters: ['types', ...filters], actions: actions.split(' ') };
}

function otherActions(): GithubEvent {
  return { filters: ['types'], actions: null };
}

function withoutActions(): GithubEvent {
  return { filters: [], actions: [] };
}
