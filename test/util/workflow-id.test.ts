import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workflowId } from '../../src/util/workflow-id.ts';

test('a workflow is named by its path below the workflows folder, or by its file', () => {
  assert.equal(workflowId('/srv/workflows/ops/backup.yml'), 'ops/backup');
  assert.equal(workflowId('/srv/workflows/old/workflows/ci.yaml'), 'ci');
  assert.equal(workflowId('/home/me/build.yaml'), 'build');
  assert.equal(workflowId('/home/me/workflows'), 'workflows');
});
