import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { RUN_ID, runDetail, runView, taskView, workflowView } from '../support/api-views.ts';
import { FakeDaemon, sendJson } from '../support/fake-daemon.ts';
import { MemoryTerminal } from '../support/memory-terminal.ts';

const EVIL = '\x1b]52;c;cHduZWQ=\x07\x1b[2J\u202eevil\r\n';

test('without a daemon every verb names the socket it tried, says what to do, and exits with 5', async (t) => {
  const daemon = await FakeDaemon.start(t);
  daemon.die();
  const verbs = ['workflows', 'runs', 'pause', 'resume', 'drain', 'prune', 'doctor', 'next'];
  const cases = [
    ...verbs.map((verb) => [verb]),
    ['run', 'a'],
    ['wait', RUN_ID],
    ['show', RUN_ID],
    ['logs', RUN_ID, '-f'],
  ];
  cases.push(
    ['cancel', RUN_ID],
    ['rerun', RUN_ID],
    ['why', 'a'],
    ['secret', 'list'],
    ['secret', 'set', 'A'],
    ['backup', 'f'],
  );
  for (const words of cases) {
    const { code, out, err } = await daemon.runner(words, { stdin: 'value' });
    assert.deepEqual({ code, out }, { code: 5, out: '' }, words.join(' '));
    const place = join(daemon.folder, 'runnerd.sock');
    const start = `runner ${words[0]}: cannot reach the daemon at ${place}: there is no such socket; start it with "runnerd"`;
    assert.ok(err.startsWith(start), err);
    assert.equal(err.split('\n').length, 2);
  }
});

test('a state directory that does not exist, or is too deep for a socket, is told or found all the same', async (t) => {
  const daemon = await FakeDaemon.start(t, 'deep/'.repeat(40));
  daemon.on('GET runs', () => ({ runs: [], more: false }));
  assert.equal((await daemon.runner(['runs'])).code, 0);
  for (const folder of ['nowhere', `${daemon.folder}/${'deep/'.repeat(3)}`]) {
    const { code, err } = await daemon.runner(['runs', '--state-dir', folder]);
    assert.equal(code, 5, err);
    assert.match(err, /there is no such socket/);
  }
});

test('options win over the environment: --state-dir and --host over RUNNER_HOST and RUNNER_HOME', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const address = await daemon.listenOnLoopback(t);
  daemon.on('GET runs', () => ({ runs: [], more: false }));
  const dead = 'http://127.0.0.1:1';
  const reached = [
    [['--state-dir', daemon.folder], { RUNNER_HOST: dead }],
    [['--host', address], { RUNNER_HOST: dead, RUNNER_HOME: '/nowhere' }],
    [[], { RUNNER_HOST: address, RUNNER_HOME: '/nowhere' }],
    [['--host', address.replace('http://', '')], {}],
  ] as const;
  for (const [words, env] of reached) assert.equal((await daemon.runner(['runs', ...words], { env })).code, 0);
  const lost = await daemon.runner(['runs'], { env: { RUNNER_HOST: dead, RUNNER_HOME: daemon.folder } });
  assert.equal(lost.code, 5);
  assert.match(lost.err, /cannot reach the daemon at http:\/\/127\.0\.0\.1:1: nobody listens there/);
});

test('an address that makes no sense is a mistake', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const wrong = [
    [['--host', 'ftp://a'], {}],
    [['--host', 'http://a b'], {}],
    [['--host', 'http://user:pass@a'], {}],
    [['--host', 'a:99999'], {}],
    [['--host', 'a', '--state-dir', 'b'], {}],
    [['--host', 'a'], { RUNNER_TOKEN: 'a\nb' }],
  ] as const;
  for (const [words, env] of wrong) {
    const { code, err } = await daemon.runner(['runs', ...words], { env });
    assert.equal(code, 2, err);
  }
});

test('the token travels in a header over TCP, and not over the socket', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const address = await daemon.listenOnLoopback(t);
  daemon.on('GET runs', () => ({ runs: [], more: false }));
  await daemon.runner(['runs'], { env: { RUNNER_HOST: address, RUNNER_TOKEN: 'sesame\n' } });
  await daemon.runner(['runs'], { env: { RUNNER_HOME: daemon.folder, RUNNER_TOKEN: 'sesame' } });
  assert.deepEqual(
    daemon.requests.map(({ headers }) => headers.authorization),
    ['Bearer sesame', undefined],
  );
});

test('what the daemon refuses becomes one line: 2 for what was typed, 1 for what cannot be now', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const cases = [
    [400, 'bad-inputs', 2, 'no'],
    [401, 'unauthorized', 2, 'no; set RUNNER_TOKEN to what the file "token" in the daemon\'s state directory holds'],
    [409, 'overlap', 1, 'no'],
    [503, 'queue-full', 1, 'no'],
    [429, 'too-many-failures', 1, 'no'],
    [500, 'internal', 1, 'the daemon failed: no (request r-1)'],
  ] as const;
  for (const [status, code, exit, text] of cases) {
    daemon.refuse('POST workflows/a/runs', status, code, 'no');
    assert.deepEqual(await daemon.runner(['run', 'a']), { code: exit, out: '', err: `runner run: ${text}\n` });
  }
});

test('what answers and is no runnerd counts as out of reach', async (t) => {
  const daemon = await FakeDaemon.start(t);
  for (const status of [200, 404, 502]) {
    daemon.on('GET runs', (_request, response) => void response.writeHead(status).end('<html>'));
    const { code, err } = await daemon.runner(['runs']);
    assert.equal(code, 5);
    assert.match(err, /what answers there is no runnerd/);
  }
});

test('names that nobody knows get a suggestion, unless the daemon has made one', async (t) => {
  const daemon = await FakeDaemon.start(t);
  daemon
    .on('GET workflows', () => ({
      workflows: [workflowView('release')],
      degraded: null,
      paused: false,
      draining: false,
    }))
    .on('GET runs', () => ({ runs: [runView()], more: false }))
    .on(`GET runs/${RUN_ID}`, () => runDetail([taskView('build')]))
    .on('GET secrets', () => ({ secrets: [{ name: 'NPM_TOKEN', scope: 'global', allow: [], updated_at: '' }] }))
    .refuse('POST workflows/relaese/runs', 404, 'unknown-workflow', 'no such workflow')
    .refuse(`POST runs/${RUN_ID}/tasks/biuld/cancel`, 404, 'unknown-task', 'no such task')
    .refuse('DELETE secrets/NPM_TOKN', 404, 'unknown-secret', 'no such secret')
    .refuse('POST workflows/rel/runs', 404, 'unknown-workflow', 'none; did you mean "x"?');
  const cases = [
    [['run', 'relaese'], 'no such workflow; did you mean "release"?'],
    [['cancel', RUN_ID, 'biuld'], 'no such task; did you mean "build"?'],
    [['secret', 'delete', 'NPM_TOKN'], 'no such secret; did you mean "NPM_TOKEN"?'],
    [['run', 'rel'], 'none; did you mean "x"?'],
  ] as const;
  for (const [words, text] of cases) {
    assert.deepEqual(await daemon.runner(words), { code: 2, out: '', err: `runner ${words[0]}: ${text}\n` });
  }
});

test('hostile names and messages reach a terminal as harmless text', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const trigger = { kind: EVIL, event: EVIL, branch: EVIL, sender: EVIL };
  const task = taskView(`build(x=${EVIL})`, { message: EVIL, needs: [EVIL], status: 'failed', reason: 'lost' });
  const detail = runDetail([task], { workflow: EVIL, trigger, initiator: EVIL, inputs: { [EVIL]: EVIL } });
  const diagnostic = {
    code: EVIL,
    severity: 'error',
    message: EVIL,
    hint: EVIL,
    file: EVIL,
    line: 1,
    column: 1,
  } as const;
  const firing = {
    ...runView(),
    at: '2026-03-01T00:00:00Z',
    due_at: null,
    kind: EVIL,
    message: EVIL,
    run: EVIL,
    count: 1,
  };
  daemon
    .on('GET runs', () => ({ runs: [runView({ workflow: EVIL, trigger })], more: false }))
    .on(`GET runs/${RUN_ID}`, () => detail)
    .on(`GET runs/${RUN_ID}/tasks/x`, () => ({
      ...task,
      run: EVIL,
      result: null,
      environment: [{ name: EVIL, value: EVIL, source: EVIL }],
      logs: [],
    }))
    .on('GET workflows', () => ({
      workflows: [
        workflowView(EVIL, { diagnostics: [diagnostic], triggers: [{ kind: EVIL, identity: EVIL, spec: {} }] }),
      ],
      degraded: EVIL,
      paused: false,
    }))
    .on('GET firings', () => ({
      firings: [{ ...firing, decision: 'skipped', reason: EVIL }],
      clock_jumps: [],
      more: false,
    }))
    .on('GET next', () => ({ next: [{ workflow: EVIL, kind: EVIL, trigger: EVIL, at: EVIL, note: EVIL }] }))
    .on('GET doctor', () => [{ name: EVIL, level: 'ok', message: EVIL }])
    .on('GET secrets', () => ({ secrets: [{ name: EVIL, scope: EVIL, allow: [EVIL], updated_at: EVIL }] }))
    .on(`POST runs/${RUN_ID}/rerun`, () => ({ id: EVIL, number: 1, status: 'queued' }))
    .refuse('POST pause', 409, 'conflict', EVIL);
  const cases = [['runs'], ['show', RUN_ID], ['show', RUN_ID, 'x'], ['workflows'], ['why', 'a'], ['next'], ['doctor']];
  cases.push(['secret', 'list'], ['rerun', RUN_ID], ['pause'], ['wait', RUN_ID], ['logs', RUN_ID, '-f']);
  for (const words of cases) {
    const { out, err } = await daemon.runner(words, { stdout: new MemoryTerminal({ columns: 80 }) });
    assert.ok(`${out}${err}`.includes('evil'), `${words.join(' ')}: ${out}${err}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    assert.doesNotMatch(`${out}${err}`, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/, words.join(' '));
  }
});

test('a daemon that never answers is not waited for after Ctrl-C', async (t) => {
  const daemon = await FakeDaemon.start(t);
  daemon.on('GET runs', () => new Promise(() => {}));
  const running = daemon.start(['runs']);
  await daemon.asked('GET runs');
  running.signal('SIGINT');
  assert.equal(await running.code, 130);
});

test('https is spoken where the address says so', async (t) => {
  const server = createServer((_request, response) => sendJson(response, 200, {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const daemon = await FakeDaemon.start(t);
  const { code, err } = await daemon.runner(['runs', '--host', `https://127.0.0.1:${port}`]);
  assert.equal(code, 5);
  assert.match(err, /cannot reach the daemon at https:/);
});
