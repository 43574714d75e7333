import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TaskDetail } from '../../src/model/api.ts';
import { firingView, RUN_ID, runDetail, runView, taskView, workflowView } from '../support/api-views.ts';
import { FakeDaemon, sendJson, sendNothing } from '../support/fake-daemon.ts';
import { MemoryTerminal } from '../support/memory-terminal.ts';

const RELEASE = 'workflows/ops%2Frelease';

async function daemonWithRun(t: TestContext): Promise<FakeDaemon> {
  const daemon = await FakeDaemon.start(t);
  const detail = runDetail([taskView('build')]);
  return daemon
    .on(`GET runs/${RUN_ID}`, () => detail)
    .on('GET runs/019a9f00', () => detail)
    .on('GET runs', () => ({ runs: [runView()], more: false }));
}

test('run fires a workflow with what the command line says, and tells the run', async (t) => {
  const daemon = await FakeDaemon.start(t);
  daemon.on(`POST ${RELEASE}/runs`, (_request, response) =>
    sendJson(response, 201, { id: RUN_ID, number: 8, status: 'queued' }),
  );
  writeFileSync(join(daemon.folder, 'event.json'), '{"ref":"x"}');
  const words = ['run', 'ops/release', '--input', 'channel=stable', '--env', 'A=1', '--only', 'build,test'];
  const { code, out, err } = await daemon.runner([...words, '--event', 'event.json'], { cwd: daemon.folder });
  assert.deepEqual({ code, out, err }, { code: 0, out: `ops/release#8 is queued: ${RUN_ID}\n`, err: '' });
  assert.deepEqual(daemon.requests.at(-1)?.body, {
    inputs: { channel: 'stable' },
    env: { A: '1' },
    only: ['build', 'test'],
    payload: { ref: 'x' },
  });
  const json = await daemon.runner(['run', 'ops/release', '--json']);
  assert.deepEqual(JSON.parse(json.out), { id: RUN_ID, number: 8, status: 'queued' });
  assert.deepEqual(daemon.requests.at(-1)?.body, { inputs: {}, env: {} });
});

test('run refuses a payload that is not a JSON object before it asks anybody', async (t) => {
  const daemon = await FakeDaemon.start(t);
  writeFileSync(join(daemon.folder, 'event.json'), '[1]');
  const { code, err } = await daemon.runner(['run', 'a', '--event', 'event.json'], { cwd: daemon.folder });
  assert.equal(code, 2);
  assert.match(err, /^runner run: --event event\.json: expected a JSON object\n$/);
  assert.equal(daemon.requests.length, 0);
});

test('run --wait, rerun --wait and wait exit as the run ends', async (t) => {
  const daemon = await daemonWithRun(t);
  const created = { id: RUN_ID, number: 7, status: 'queued' };
  daemon.on(`POST ${RELEASE}/runs`, () => created).on(`POST runs/${RUN_ID}/rerun`, () => created);
  const outcomes = { success: 0, failed: 1, cancelled: 130 } as const;
  for (const [status, code] of Object.entries(outcomes)) {
    daemon.on(`GET runs/${RUN_ID}`, () => runDetail([], { status: status as 'success' }));
    for (const words of [
      ['run', 'ops/release', '--wait'],
      ['wait', RUN_ID],
      ['rerun', RUN_ID, '-w'],
    ]) {
      const ended = await daemon.runner(words);
      assert.equal(ended.code, code, words.join(' '));
      assert.match(ended.out, new RegExp(`^ops/release#7: ${status} in 12\\.5s$`, 'm'));
    }
    const json = await daemon.runner(['run', 'ops/release', '--wait', '--json']);
    assert.deepEqual(JSON.parse(json.out), { id: RUN_ID, number: 7, status });
  }
  assert.ok(daemon.requestsOf(`GET runs/${RUN_ID}`).some(({ query }) => query.wait === '30'));
});

test('wait --timeout exits 124 while the run goes on', async (t) => {
  const daemon = await daemonWithRun(t);
  daemon.on(`GET runs/${RUN_ID}`, () => runDetail([], { status: 'running', ended_at: null }));
  const { code, out } = await daemon.runner(['wait', RUN_ID, '--timeout', '1ms']);
  assert.equal(code, 124);
  assert.match(out, /^ops\/release#7 goes on: running/);
});

test('Ctrl-C while waiting leaves the run alone and says so', async (t) => {
  const daemon = await daemonWithRun(t);
  daemon.on(`GET runs/${RUN_ID}`, ({ query }) => (query.wait ? new Promise(() => {}) : runDetail([])));
  const running = daemon.start(['wait', RUN_ID]);
  await daemon.asked(`GET runs/${RUN_ID}`);
  running.signal('SIGINT');
  assert.equal(await running.code, 130);
  assert.equal(
    running.stderr.text,
    `\nno longer waiting; the run goes on. See it with: runner logs ${RUN_ID} --follow\n`,
  );
  assert.deepEqual(new Set(daemon.requests.map(({ method }) => method)), new Set(['GET']));
});

test('a run is named by its id, the beginning of one, its workflow and number, its workflow, or last', async (t) => {
  const daemon = await daemonWithRun(t);
  daemon.on('GET runs', ({ query }) =>
    query.before === undefined && query.limit !== '1'
      ? { runs: [runView({ number: 9, id: 'newer' })], more: true }
      : { runs: [runView()], more: false },
  );
  for (const word of [RUN_ID, '019a9f00', 'ops/release#7', 'ops/release', 'last']) {
    const { code, out, err } = await daemon.runner(['show', word, '--json']);
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).id, RUN_ID, word);
  }
  const missing = await daemon.runner(['show', 'ops/release#8']);
  assert.equal(missing.code, 2);
  assert.equal(missing.err, 'runner show: workflow "ops/release" has no run 8, or it is forgotten\n');
});

test('runs lists runs with their names, and says when the list was cut', async (t) => {
  const daemon = await daemonWithRun(t);
  const other = runView({
    number: 6,
    id: RUN_ID.replace(/1$/, '2'),
    status: 'failed',
    trigger: { kind: 'github', event: 'push', branch: 'main', sender: 'kim' },
  });
  daemon.on('GET runs', () => ({ runs: [runView(), other], more: true }));
  const { code, out } = await daemon.runner(['runs', '--limit', '2', '--status', 'failed', '--last', '7d']);
  assert.equal(code, 0);
  const lines = out.split('\n');
  assert.match(lines[0] ?? '', /^RUN +STATUS +TRIGGER +CREATED +AGE +TIME +ID$/);
  assert.match(lines[1] ?? '', new RegExp(`^ops/release#7  success  manual +2026-.* 12\\.5s  ${RUN_ID}$`));
  assert.match(lines[2] ?? '', /^ops\/release#6 {2}failed {3}github push main /);
  assert.equal(lines[3], 'older ones are left out: see --limit, --last and --workflow');
  const { query } = daemon.requests.at(-1) ?? {};
  assert.deepEqual([query?.status, query?.limit], ['failed', '2']);
  assert.ok(Date.parse(query?.since ?? '') > 0);
});

test('runs goes on page by page, and a narrow terminal gets the columns that matter', async (t) => {
  const daemon = await daemonWithRun(t);
  const pages = new Map([
    [undefined, 3],
    ['id-3', 2],
    ['id-2', 1],
  ]);
  daemon.on('GET runs', ({ query }) => {
    const number = pages.get(query.before) ?? 0;
    return { runs: [runView({ number, id: `id-${number}` })], more: number > 1 };
  });
  const stdout = new MemoryTerminal({ columns: 36 });
  await daemon.runner(['runs', '--limit', '600'], { stdout });
  assert.equal(daemon.requests.at(-1)?.query.before, 'id-2');
  const lines = stdout.text.trimEnd().split('\n');
  assert.equal(lines.length, 4);
  for (const line of lines) assert.ok(line.length <= 36, line);
  assert.match(lines[1] ?? '', /^ops\/release#3 {2}success/);
});

test('audit goes on page by page; a time that is none is a mistake', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const line = { at: '2026-03-01T09:30:00.000Z', actor: 'api', from: '10.0.0.1', action: 'drain', subject: 'daemon' };
  daemon.on('GET audit', ({ query }) => {
    const number = Number(query.before ?? 4) - 1;
    return { audits: [{ number, ...line }], more: number > 1 };
  });
  const { out } = await daemon.runner(['audit', '--limit', '9', '--since', '2026-03-01T09:00Z']);
  assert.equal(out.match(/ api +10\.0\.0\.1 +drain +daemon$/gm)?.length, 3);
  const { query } = daemon.requests.at(-1) ?? {};
  assert.deepEqual([query?.before, query?.since], ['2', '2026-03-01T09:00:00.000Z']);
  assert.equal((await daemon.runner(['audit', '--since', 'noon'])).code, 2);
});

test('an empty list of runs says so; of an unknown workflow it is a mistake', async (t) => {
  const daemon = await FakeDaemon.start(t);
  daemon.on('GET runs', () => ({ runs: [], more: false }));
  daemon.on('GET workflows', () => ({
    workflows: [workflowView('ops/release')],
    degraded: null,
    paused: false,
    draining: false,
  }));
  daemon.refuse('GET workflows/ops%2Frelaese', 404, 'unknown-workflow', 'there is no workflow "ops/relaese"');
  assert.deepEqual(await daemon.runner(['runs']), { code: 0, out: 'no runs\n', err: '' });
  assert.deepEqual(await daemon.runner(['runs', '--workflow', 'ops/relaese']), {
    code: 2,
    out: '',
    err: 'runner runs: there is no workflow "ops/relaese"; did you mean "ops/release"?\n',
  });
});

test('workflows lists states and what is wrong with files', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const wrong = { code: 'unknown-key', severity: 'error', message: 'unknown key "rnu"', hint: null } as const;
  const diagnostics = [{ ...wrong, file: 'workflows/b.yml', line: 2, column: 3 }];
  const list = {
    workflows: [workflowView('a', { last_run: runView() }), workflowView('b', { state: 'stale', diagnostics })],
    degraded: 'it is gone',
    paused: true,
    draining: true,
  };
  daemon.on('GET workflows', () => list);
  const { code, out } = await daemon.runner(['workflows']);
  assert.equal(code, 0);
  assert.match(out, /^WORKFLOW +STATE +NEXT +LAST RUN/);
  assert.match(out, /^a +armed +- +success \d+d ago/m);
  assert.match(out, /^b +stale /m);
  assert.match(out, /^workflows\/b\.yml:2:3: error: unknown key "rnu" \[unknown-key\]$/m);
  assert.match(out, /cannot be read: it is gone\n/);
  assert.match(out, /the daemon is paused/);
  assert.match(out, /the daemon is draining: nothing new runs until it is started again/);
  assert.deepEqual(JSON.parse((await daemon.runner(['workflows', '--json'])).out), list);
});

test('show tells a run in full: facts, tasks, messages and outputs', async (t) => {
  const daemon = await daemonWithRun(t);
  const failed = taskView('deploy', {
    status: 'failed',
    reason: 'exit_code',
    message: 'exit code 3',
    needs: ['build'],
  });
  const result = { id: 'b', name: 'build', status: 'success', reason: null, exit_code: 0, cached: false } as const;
  const results = { build: { ...result, attempts: 1, duration_ms: 2000, outputs: { version: '1.4' } } };
  daemon.on(`GET runs/${RUN_ID}`, () => runDetail([taskView('build'), failed], { status: 'failed', results }));
  const { code, out } = await daemon.runner(['show', RUN_ID]);
  assert.equal(code, 0);
  assert.match(out, /^ops\/release#7 {2}failed\n/);
  assert.match(out, /^inputs +channel=beta$/m);
  assert.match(out, /^deploy +failed \(exit_code\) +2\.00s +1 +build$/m);
  assert.match(out, /^deploy: exit code 3$/m);
  assert.match(out, /^build\.version = 1\.4$/m);
});

test('show RUN TASK lists the environment with its sources', async (t) => {
  const daemon = await daemonWithRun(t);
  const task: TaskDetail = {
    ...taskView('build'),
    run: RUN_ID,
    result: null,
    environment: [{ name: 'TOKEN', value: '***', source: 'task' }],
    logs: [1],
  };
  daemon.on(`GET runs/${RUN_ID}/tasks/build`, () => task);
  const { out } = await daemon.runner(['show', RUN_ID, 'build']);
  assert.match(out, /^VARIABLE +SOURCE +VALUE\nTOKEN +task +\*\*\*$/m);
  assert.deepEqual(JSON.parse((await daemon.runner(['show', RUN_ID, 'build', '--json'])).out), task);
});

test('cancel asks a run or one task to end, and waits for it when told to', async (t) => {
  const daemon = await daemonWithRun(t);
  daemon
    .on(`POST runs/${RUN_ID}/cancel`, sendNothing)
    .on(`POST runs/${RUN_ID}/tasks/build/cancel`, sendNothing)
    .on(`GET runs/${RUN_ID}/tasks/build`, () => ({ ...taskView('build'), run: RUN_ID, status: 'cancelled' }))
    .on('GET events', (_request, response) => void response.writeHead(200).write('\n'));
  assert.deepEqual(await daemon.runner(['cancel', 'ops/release']), {
    code: 0,
    out: 'asked ops/release#7 to end\n',
    err: '',
  });
  assert.equal((await daemon.runner(['cancel', RUN_ID, '--wait'])).out, 'ops/release#7 is over: success\n');
  assert.equal(
    (await daemon.runner(['cancel', RUN_ID, 'build', '--wait'])).out,
    'task "build" of ops/release#7 is over: cancelled\n',
  );
});

test('cancel --wait names what could not be ended, and exits 3', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const result = {
    id: 'build',
    name: 'build',
    status: 'cancelled',
    reason: 'user',
    exit_code: null,
    cached: false,
  } as const;
  const notes = ['leftovers: 17, 18'];
  const results = { build: { ...result, attempts: 1, duration_ms: 5, outputs: {}, notes } };
  daemon
    .on(`POST runs/${RUN_ID}/cancel`, sendNothing)
    .on(`GET runs/${RUN_ID}`, () => runDetail([taskView('build')], { results }))
    .on('GET events', (_request, response) => void response.writeHead(200).write('\n'));
  const { code, out } = await daemon.runner(['cancel', RUN_ID, '--wait']);
  assert.deepEqual([code, out], [3, 'ops/release#7 is over: success\ntask "build": leftovers: 17, 18\n']);
});

test('cancel of what is over already says so, and is as good as done', async (t) => {
  const daemon = await daemonWithRun(t);
  daemon.refuse(`POST runs/${RUN_ID}/cancel`, 409, 'already-ended', 'the run has ended');
  assert.deepEqual(await daemon.runner(['cancel', RUN_ID]), {
    code: 0,
    out: 'ops/release#7 was over already: success\n',
    err: '',
  });
});

test('show names the number of combinations that a matrix task waits for', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const parts = ['m(n=1)', 'm(n=2)'].map((name) => taskView(name, { needs: ['first'] }));
  const detail = runDetail([taskView('first'), ...parts, taskView('m', { needs: ['m(n=1)', 'm(n=2)'] })]);
  daemon.on(`GET runs/${RUN_ID}`, () => detail);
  assert.match((await daemon.runner(['show', RUN_ID])).out, /^m\(n=2\) .* first\nm .* 2 combinations$/m);
});

test('rerun says what to run again', async (t) => {
  const daemon = await daemonWithRun(t);
  daemon.on(`POST runs/${RUN_ID}/rerun`, () => ({ id: RUN_ID, number: 8, status: 'queued' }));
  const cases = [
    [[], { definition: 'same' }],
    [['--failed'], { failed: true, definition: 'same' }],
    [['--from', 'build', '--current'], { from: 'build', definition: 'current' }],
  ] as const;
  for (const [words, body] of cases) {
    const { code, out } = await daemon.runner(['rerun', RUN_ID, ...words]);
    assert.deepEqual({ code, out }, { code: 0, out: `ops/release#8 is queued: ${RUN_ID}\n` });
    assert.deepEqual(daemon.requests.at(-1)?.body, body);
  }
  const both = await daemon.runner(['rerun', RUN_ID, '--failed', '--from', 'build']);
  assert.equal(both.code, 2);
});

test('why tells decisions in sentences, up to the end of the minute it is asked about', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const overlap = firingView({ decision: 'skipped', reason: 'overlap', run: 'r-6', run_name: null });
  const worded = firingView({
    decision: 'skipped',
    reason: 'missed',
    message: 'it was asleep',
    run: null,
    run_name: null,
    count: 3,
  });
  const list = {
    firings: [
      firingView(),
      { ...overlap, at: '2026-03-01T02:00:00.000Z' },
      { ...worded, at: '2026-03-01T01:00:00.000Z' },
    ],
    clock_jumps: [{ at: '2026-03-01T01:30:00.000Z', message: 'the wall clock jumped' }],
    more: true,
  };
  daemon.on('GET firings', () => list);
  const { code, out } = await daemon.runner(['why', 'ops/release', '--at', '2026-03-01T03:00Z', '--limit', '3']);
  assert.equal(code, 0);
  const lines = out.split('\n');
  assert.match(lines[0] ?? '', /ago\): cron, due 2026-.*, started ops\/release#7$/);
  assert.match(lines[1] ?? '', /started nothing: an earlier run was not over \(run r-6\) \[overlap\]$/);
  assert.match(lines[2] ?? '', /^2026-.* \(.*\): the wall clock jumped$/);
  assert.match(lines[3] ?? '', /the last of 3 times that were due, started nothing: it was asleep \[missed\]$/);
  assert.match(lines[4] ?? '', /^earlier ones are left out/);
  assert.deepEqual(daemon.requests.at(-1)?.query, {
    workflow: 'ops/release',
    limit: '3',
    until: '2026-03-01T03:00:59.999Z',
  });
  assert.deepEqual(JSON.parse((await daemon.runner(['why', 'ops/release', '--json'])).out), list);
});

test('why says when there is nothing to tell', async (t) => {
  const daemon = await FakeDaemon.start(t);
  daemon
    .on('GET firings', () => ({ firings: [], clock_jumps: [], more: false }))
    .on('GET workflows/a', () => workflowView('a'));
  assert.equal((await daemon.runner(['why', 'a'])).out, 'nothing was decided about a yet\n');
  const wrong = await daemon.runner(['why', 'a', '--at', 'noon']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /--at noon: expected a time such as 09:30/);
});

test('next lists times with what is odd about them', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const one = { workflow: 'a', kind: 'cron', trigger: 'c', at: '2126-03-01T03:00:00.000Z', note: '' };
  daemon.on('GET next', () => ({ next: [one] }));
  daemon.on('GET workflows/a/next', () => ({ next: [{ ...one, note: 'comes twice' }] }));
  const all = await daemon.runner(['next']);
  assert.match(all.out, /^WHEN \(.+\) +IN +WORKFLOW +KIND\n2126-\d\d-\d\d \d\d:\d\d:00 +\d+d +a +cron\n$/);
  const some = await daemon.runner(['next', 'a', '-n', '3']);
  assert.match(some.out, /cron +comes twice\n$/);
  assert.equal(daemon.requests.at(-1)?.query.count, '3');
});

test('pause, resume, drain, prune, backup and doctor ask for what they are named after', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const health = { status: 'ok', running: 1, queued: 2, draining: false };
  daemon
    .on('POST pause', sendNothing)
    .on('POST workflows/a/resume', sendNothing)
    .on('POST drain', sendNothing)
    .on('GET status', () => health)
    .on('POST prune', () => ({ runs: 1, bytes: 2048, dry_run: true }))
    .on('POST backup', sendNothing)
    .on('GET doctor', () => [
      { name: 'disk', level: 'ok', message: 'enough room' },
      { name: 'clock', level: 'error', message: 'it jumps' },
    ]);
  const cases = [
    [['pause'], 0, 'the daemon is paused: nothing new runs until "runner resume"; what runs goes on\n'],
    [['resume', 'a'], 0, 'a is resumed\n'],
    [['drain'], 0, 'no new run starts from now on; 1 run going on, 2 queued\n'],
    [['prune', '--dry-run'], 0, 'would remove 1 run, free 2KiB\n'],
    [['backup', 'copy'], 0, 'backup written to /copy\n'],
    [['doctor'], 1, 'ok       disk: enough room\nerror    clock: it jumps\n'],
  ] as const;
  const draining = ', but the daemon is draining: no run starts until it is started again';
  for (const [words, code, out] of cases) assert.deepEqual(await daemon.runner(words), { code, out, err: '' });
  assert.deepEqual(daemon.requestsOf('POST prune')[0]?.body, { dry_run: true });
  assert.deepEqual(daemon.requestsOf('POST backup')[0]?.body, { folder: '/copy' });
  assert.deepEqual(JSON.parse((await daemon.runner(['resume', 'a', '--json'])).out), { workflow: 'a', paused: false });
  health.draining = true;
  assert.equal((await daemon.runner(['resume', 'a'])).out, `a is resumed${draining}\n`);
});

test('a request larger than a daemon takes is refused before it is sent', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const { code, err } = await daemon.runner(['run', 'a', '--input', `text=${'x'.repeat(1 << 20)}`]);
  assert.equal(code, 2);
  assert.match(err, /^runner run: that is larger than 1 MiB/);
  assert.deepEqual(daemon.requests, []);
});
