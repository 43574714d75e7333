import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/model/json.ts';
import { githubTrigger } from '../../src/triggers/github.ts';
import { MOST_COMMITS } from '../../src/triggers/github-filter.ts';
import { GITHUB_EVENTS } from '../../src/util/github-events.ts';
import { githubExamples } from '../support/github-examples.ts';
import { TriggerRig } from '../support/trigger-rig.ts';

const repository = { full_name: 'Acme/site' };

/** What an entry makes of an event: `fire`, why not, or null when it is none of its business. */
function verdict(events: JsonObject, event: string, payload: JsonObject): string | null {
  const rig = new TriggerRig(0);
  rig.arm(githubTrigger, { repositories: ['acme/SITE'], allow_forks: false, events });
  const occasion = rig.deliver(event, { repository, ...payload });
  if (occasion === null) return null;
  return occasion.verdict.kind === 'fire' ? 'fire' : occasion.verdict.message;
}

function push(ref: string, files: readonly string[] = [], more: JsonObject = {}): JsonObject {
  return { ref, after: 'abc', commits: files.map((file) => ({ added: [], modified: [file], removed: [] })), ...more };
}

test('an event that is named, of a repository that is named, fires', () => {
  const rig = new TriggerRig(5);
  const armed = rig.arm(githubTrigger, { repositories: ['acme/site'], allow_forks: false, events: { push: {} } });
  const payload = { ...push('refs/heads/main'), repository, sender: { login: 'ada' } };
  const occasion = rig.deliver('push', payload);
  assert.ok(occasion?.verdict.kind === 'fire' && occasion.verdict.withSecrets);
  const { kind, event, branch, sha, sender, payload: seen } = occasion.verdict.firing;
  assert.deepEqual([kind, event, branch, sha, sender, seen], ['github', 'push', 'main', 'abc', 'ada', payload]);
  assert.deepEqual([occasion.key, occasion.dueAt, occasion.count, occasion.overlap], ['d-1', null, 1, 'allow']);
  armed.dispose();
  assert.equal(rig.deliver('push', payload), null);
});

test('other events and other repositories are none of its business', () => {
  assert.equal(verdict({ push: {} }, 'fork', {}), null);
  assert.equal(verdict({ push: {} }, '__proto__', {}), null);
  assert.equal(verdict({ push: {} }, 'push', { repository: { full_name: 'acme/other' } }), null);
  assert.equal(verdict({ push: {} }, 'push', { repository: null }), null);
});

test('actions are filtered', () => {
  const events = { pull_request: { types: ['opened', 'synchronize'] } };
  assert.equal(verdict(events, 'pull_request', { action: 'opened' }), 'fire');
  assert.equal(verdict(events, 'pull_request', { action: 'closed' }), 'action closed is none of opened, synchronize');
  assert.equal(verdict(events, 'pull_request', {}), 'action (none) is none of opened, synchronize');
});

test('branches and tags are filtered, and one kind of filter alone leaves the other kind out', () => {
  const branches = { push: { branches: ['main', 'releases/**', '!releases/old'] } };
  assert.equal(verdict(branches, 'push', push('refs/heads/releases/1')), 'fire');
  assert.equal(
    verdict(branches, 'push', push('refs/heads/dev')),
    'branch dev matches none of main, releases/**, !releases/old',
  );
  assert.equal(verdict(branches, 'push', push('refs/tags/main')), 'tag main is no branch');
  const ignoring = { push: { branches_ignore: ['dependabot/**'] } };
  assert.equal(verdict(ignoring, 'push', push('refs/heads/main')), 'fire');
  assert.equal(
    verdict(ignoring, 'push', push('refs/heads/dependabot/x')),
    'branch dependabot/x is ignored by dependabot/**',
  );
  const tags = { push: { tags: ['v*'], tags_ignore: null } };
  assert.equal(verdict(tags, 'push', push('refs/tags/v1')), 'fire');
  assert.equal(verdict(tags, 'push', push('refs/heads/main')), 'branch main is no tag');
  const both = { push: { branches: ['main'], tags_ignore: ['nightly'] } };
  assert.equal(verdict(both, 'push', push('refs/heads/main')), 'fire');
  assert.equal(verdict(both, 'push', push('refs/tags/v1')), 'fire');
  assert.equal(verdict(both, 'push', push('refs/tags/nightly')), 'tag nightly is ignored by nightly');
  assert.equal(verdict({ push: {} }, 'push', push('refs/tags/v1')), 'fire');
  assert.equal(verdict(both, 'push', {}), 'the event names no branch or tag');
  assert.equal(verdict(ignoring, 'push', { ref: 7 }), 'fire');
});

test('each event tells its branch or tag in its own way', () => {
  const cases: readonly (readonly [event: string, filter: JsonObject, payload: JsonObject])[] = [
    ['pull_request', { branches: ['main'] }, { pull_request: { base: { ref: 'main' }, head: { ref: 'fix' } } }],
    ['pull_request_review', { branches: ['main'] }, { pull_request: { base: { ref: 'main' } } }],
    ['create', { branches: ['main'] }, { ref: 'main', ref_type: 'branch' }],
    ['delete', { tags: ['v1'] }, { ref: 'v1', ref_type: 'tag' }],
    ['release', { tags: ['v1'] }, { release: { tag_name: 'v1' } }],
    ['repository_dispatch', { branches: ['main'] }, { branch: 'main' }],
    ['workflow_dispatch', { branches: ['main'] }, { ref: 'refs/heads/main' }],
    ['merge_group', { branches: ['main'] }, { merge_group: { base_ref: 'refs/heads/main' } }],
    ['check_run', { branches: ['main'] }, { check_run: { check_suite: { head_branch: 'main' } } }],
    ['check_suite', { branches: ['main'] }, { check_suite: { head_branch: 'main' } }],
    ['workflow_run', { branches: ['main'] }, { workflow_run: { head_branch: 'main' } }],
    ['workflow_job', { branches: ['main'] }, { workflow_job: { head_branch: 'main' } }],
  ];
  for (const [event, filter, payload] of cases) {
    assert.equal(verdict({ [event]: filter }, event, payload), 'fire', event);
    const other = Object.fromEntries(Object.keys(filter).map((key) => [key, ['another']]));
    assert.match(verdict({ [event]: other }, event, payload) ?? '', / matches none of another$/, event);
  }
});

test('a push is filtered by the files its commits changed', () => {
  const only = { push: { paths: ['src/**', '!src/**.md'] } };
  assert.equal(verdict(only, 'push', push('refs/heads/x', ['README.md', 'src/a.ts'])), 'fire');
  assert.equal(verdict(only, 'push', push('refs/heads/x', ['src/a.md'])), 'no changed file matches src/**, !src/**.md');
  const commits = [{ added: ['a'], removed: ['src/gone.ts'] }, { modified: null }, 5];
  assert.equal(verdict(only, 'push', { ref: 'refs/heads/x', commits }), 'fire');
  const ignoring = { push: { paths_ignore: ['docs/**'] } };
  assert.equal(verdict(ignoring, 'push', push('refs/heads/x', ['docs/a', 'b'])), 'fire');
  assert.equal(verdict(ignoring, 'push', push('refs/heads/x', ['docs/a'])), 'all changed files are ignored by docs/**');
  assert.equal(verdict(ignoring, 'push', push('refs/heads/x')), 'the push changed no file');
  assert.equal(verdict(only, 'push', push('refs/tags/v1')), 'fire');
  const both = { push: { branches: ['main'], paths: ['src/**'] } };
  assert.equal(verdict(both, 'push', push('refs/heads/dev', ['src/a'])), 'branch dev matches none of main');
});

test('where a payload cannot tell all files, a push that may fit fires', () => {
  const only = { push: { paths: ['src/**'] } };
  const many = Array.from({ length: MOST_COMMITS }, () => 'README.md');
  assert.equal(verdict(only, 'push', push('refs/heads/x', many)), 'fire');
  assert.equal(verdict(only, 'push', push('refs/heads/x', many.slice(1))), 'no changed file matches src/**');
  assert.equal(verdict(only, 'push', push('refs/heads/x', ['README.md'], { forced: true })), 'fire');
});

test('a deleted branch is a push without a commit', () => {
  const payload = push('refs/heads/x', [], { after: '0'.repeat(40), deleted: true, head_commit: null });
  assert.equal(verdict({ push: { branches: ['x'] } }, 'push', payload), 'fire');
  assert.equal(verdict({ push: { paths: ['**'] } }, 'push', payload), 'the push changed no file');
});

test('secrets are withheld from code of other repositories, unless the entry allows it', () => {
  const seen = (payload: JsonObject, allow_forks = false) => {
    const rig = new TriggerRig(0);
    rig.arm(githubTrigger, {
      repositories: ['acme/site'],
      allow_forks,
      events: { pull_request: {}, workflow_run: {} },
    });
    const occasion = rig.deliver('pull_request' in payload ? 'pull_request' : 'workflow_run', {
      repository,
      ...payload,
    });
    assert.ok(occasion?.verdict.kind === 'fire');
    return occasion.verdict.withSecrets;
  };
  const head = (repo: JsonObject | null) => ({ pull_request: { head: { repo } } });
  assert.equal(seen(head({ full_name: 'acme/SITE' })), true);
  assert.equal(seen(head({ full_name: 'eve/site' })), false);
  assert.equal(seen(head(null)), false);
  assert.equal(seen({ pull_request: {} }), false);
  assert.equal(seen(head({ full_name: 'eve/site' }), true), true);
  assert.equal(seen({ workflow_run: { head_repository: { full_name: 'eve/site' } } }), false);
  assert.equal(seen({ workflow_run: { head_repository: { full_name: 'acme/site' } } }), true);
});

test('time has no say', () => {
  assert.deepEqual(githubTrigger.next({}, { activatedAt: 0, watermark: null }, 0, 5), []);
});

test('whatever GitHub really sent is judged: facts are text, reasons are sentences', () => {
  const every = { types: ['opened'], branches: ['main'], tags: ['v*'], paths: ['src/**'], paths_ignore: null };
  for (const { event, payload } of githubExamples()) {
    const name = (payload.repository as JsonObject | undefined)?.full_name ?? 'a/b';
    for (const filter of [{}, every, { branches_ignore: ['main'], tags_ignore: ['v*'], paths_ignore: ['a'] }]) {
      const rig = new TriggerRig(0);
      rig.arm(githubTrigger, { repositories: [name], allow_forks: false, events: { [event]: filter } });
      const occasion = rig.deliver(event, payload);
      assert.equal(occasion === null, payload.repository === undefined, event);
      if (occasion?.verdict.kind === 'skip') assert.match(occasion.verdict.message, /\w+ \w+/);
      if (occasion?.verdict.kind !== 'fire') continue;
      const { payload: _, ...facts } = occasion.verdict.firing;
      for (const fact of Object.values(facts)) assert.equal(typeof fact, 'string');
    }
  }
});

test('no payload, however odd, makes it throw', () => {
  const events = fc.constantFrom(...GITHUB_EVENTS.keys());
  const filters = { types: ['opened'], branches: ['**'], tags: ['**'], paths: ['**'] };
  const keys = fc.constantFrom(
    'action',
    'ref',
    'ref_type',
    'pull_request',
    'base',
    'head',
    'repo',
    'commits',
    'added',
    'release',
  );
  const { odd } = fc.letrec((tie) => ({
    odd: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('odd')),
      fc.dictionary(keys, tie('odd')),
    ),
  }));
  fc.assert(
    fc.property(events, fc.dictionary(keys, odd), (event, payload) => {
      for (const filter of [{}, filters, { branches_ignore: ['a'], paths_ignore: ['b'] }])
        assert.equal(typeof verdict({ [event]: filter }, event, payload as JsonObject), 'string');
    }),
  );
});
