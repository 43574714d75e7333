import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../src/model/json.ts';

/** No commit, as GitHub writes it. */
export const NO_COMMIT = '0'.repeat(40);

/** The body of a push to a branch of acme/site; no two are the same. */
export function pushOf(more: JsonObject = {}): string {
  return JSON.stringify({
    ref: 'refs/heads/main',
    before: NO_COMMIT,
    after: '1'.repeat(40),
    commits: [],
    repository: { full_name: 'acme/site' },
    sender: { login: 'someone' },
    note: randomUUID(),
    ...more,
  });
}

/** The body of a pull request into acme/site whose branch is in the repository `home`; null is one that is gone. */
export function pullRequestOf(home: string | null, title: string, branch = 'topic'): string {
  return JSON.stringify({
    action: 'opened',
    number: 1,
    pull_request: {
      title,
      body: null,
      head: { ref: branch, sha: '2'.repeat(40), repo: home === null ? null : { full_name: home } },
      base: { ref: 'main' },
    },
    repository: { full_name: 'acme/site' },
    sender: { login: 'someone' },
    note: randomUUID(),
  });
}

/** A workflow for events of acme/site with one script, the task `look`. */
export function siteWorkflow(script: string, more = ''): string {
  return `
on: { github: [{ repositories: [acme/site], push: {}, create: {}, delete: {}, pull_request: {} }] }
${more}
taskGroup: [{ name: look, run: ${JSON.stringify(script)} }]
`;
}
