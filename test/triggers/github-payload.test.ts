import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../src/model/json.ts';
import { githubFiring, guessEvent } from '../../src/triggers/github-payload.ts';

test('a push to a branch tells repository, branch, commit and sender', () => {
  const payload = {
    ref: 'refs/heads/feature/x',
    after: 'abc',
    repository: { full_name: 'acme/site' },
    sender: { login: 'ada' },
  };
  const { branch, tag, sha, repository, sender } = githubFiring('github', 'push', payload);
  assert.deepEqual(
    { branch, tag, sha, repository, sender },
    { branch: 'feature/x', tag: '', sha: 'abc', repository: 'acme/site', sender: 'ada' },
  );
});

test('a push that deletes a branch has no commit', () => {
  assert.equal(
    githubFiring('github', 'push', { ref: 'refs/heads/x', after: '0'.repeat(40), head_commit: null }).sha,
    '',
  );
});

test('tags come from a pushed ref, a created tag or a release', () => {
  assert.equal(githubFiring('github', 'push', { ref: 'refs/tags/v1' }).tag, 'v1');
  assert.equal(githubFiring('github', 'create', { ref: 'v2', ref_type: 'tag' }).tag, 'v2');
  assert.equal(githubFiring('github', 'release', { release: { tag_name: 'v3' } }).tag, 'v3');
});

test('a pull request tells its head', () => {
  const firing = githubFiring('github', 'pull_request', {
    action: 'opened',
    pull_request: { head: { ref: 'fix', sha: 'def' } },
  });
  assert.deepEqual([firing.action, firing.branch, firing.sha], ['opened', 'fix', 'def']);
});

test('events about the work of others tell its branch and commit', () => {
  for (const event of ['workflow_run', 'workflow_job', 'check_suite']) {
    const firing = githubFiring('github', event, { [event]: { head_branch: 'main', head_sha: 'abc' } });
    assert.deepEqual([firing.branch, firing.sha], ['main', 'abc'], event);
  }
  const run = { check_run: { head_sha: 'abc', check_suite: { head_branch: 'main' } } };
  assert.equal(githubFiring('github', 'check_run', run).branch, 'main');
  assert.equal(githubFiring('github', 'deployment', { deployment: { sha: 'def' } }).sha, 'def');
});

test('the event of a bare payload is guessed from what only that event carries', () => {
  const cases: readonly [Json, string][] = [
    [{ ref: 'refs/heads/x', after: 'a' }, 'push'],
    [{ pull_request: {} }, 'pull_request'],
    [{ pull_request: {}, review: {} }, 'pull_request_review'],
    [{ issue: {}, comment: {} }, 'issue_comment'],
    [{ anything: 1 }, ''],
    [[1], ''],
    [null, ''],
  ];
  for (const [payload, event] of cases) assert.equal(guessEvent(payload), event);
});

test('no payload, however odd, makes it throw or yield anything but text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (payload) => {
      const { payload: _, ...texts } = githubFiring('github', guessEvent(payload as Json), payload as Json);
      for (const value of Object.values(texts)) assert.equal(typeof value, 'string');
    }),
  );
});
