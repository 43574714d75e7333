import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serverRig } from '../support/server-rig.ts';

test('every metric is in the manual, and nothing else is', async (t) => {
  const rig = await serverRig(t);
  const { text, headers } = await rig.ask('/metrics');
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
  const printed = [...text.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name);
  const documented = [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(documented.sort(), printed.sort());
});

test('what happened is counted, what is is looked at', async (t) => {
  const rig = await serverRig(t);
  const { metrics } = rig;
  metrics.observe({ kind: 'run-ended', status: 'failed' });
  metrics.observe({ kind: 'task-ended', status: 'failed', reason: 'lost' });
  metrics.observe({ kind: 'task-ended', status: 'success', reason: null });
  metrics.observe({ kind: 'firing', decision: 'fired', reason: null, latenessMs: 300, count: 1 });
  metrics.observe({ kind: 'firing', decision: 'skipped', reason: 'missed', latenessMs: null, count: 24 });
  metrics.observe({ kind: 'output-dropped', bytes: 1000 });
  await rig.ask('/api/v1/workflows/a%2Fb');
  await rig.ask('/nothing');
  await rig.deliver('{}');
  const { text } = await rig.ask('/metrics');
  for (const line of [
    'runner_runs_total{status="failed"} 1',
    'runner_tasks_total{status="failed",reason="lost"} 1',
    'runner_firings_total{decision="skipped",reason="missed"} 1',
    'runner_slots_missed_total 24',
    'runner_lateness_seconds_bucket{le="0.5"} 1',
    'runner_lateness_seconds_bucket{le="0.1"} 0',
    'runner_output_dropped_bytes_total 1000',
    'runner_deliveries_total{outcome="bad-delivery"} 1',
    'runner_runs_running 1',
    'runner_runs_queued 2',
    'runner_healthy 1',
    'runner_ready 1',
    'runner_workflows{state="stale"} 1',
    'runner_request_seconds_count{method="GET",route="/api/v1/workflows/:id",status="200"} 1',
    'runner_request_seconds_count{method="GET",route="none",status="404"} 1',
  ]) {
    assert.ok(text.split('\n').includes(line), line);
  }
});
