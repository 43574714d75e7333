import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pendingTask, RUN_ID, runDetail, taskView } from '../support/api-views.ts';
import { FakeDaemon } from '../support/fake-daemon.ts';
import { FakeRun } from '../support/fake-run.ts';
import { MemoryTerminal } from '../support/memory-terminal.ts';

const GOING_ON = { status: 'running', ended_at: null } as const;

function running(name: string, attempt = 1) {
  return taskView(name, { phase: 'running', attempt, status: null, ended_at: null });
}

/** A run of two tasks of which the first has begun. */
async function startRun(t: TestContext): Promise<{ daemon: FakeDaemon; run: FakeRun }> {
  const daemon = await FakeDaemon.start(t);
  const run = new FakeRun(daemon, runDetail([running('build'), pendingTask('test')], GOING_ON));
  return { daemon, run };
}

/** Resolves once a terminal holds a text. */
function shown(terminal: MemoryTerminal, text: string): Promise<void> {
  return new Promise((resolve) => {
    terminal.onWrite = () => {
      if (terminal.text.includes(text)) resolve();
    };
    terminal.onWrite();
  });
}

test('logs -f shows all tasks as they go on, each line after the name of its task, and ends with the run', async (t) => {
  const { daemon, run } = await startRun(t);
  const program = daemon.start(['logs', RUN_ID, '-f']);
  run.write('build', 'compi');
  run.write('build', 'ling\n');
  await shown(program.stdout, 'build | compiling\n');
  run.complete('build');
  run.changeTask(taskView('build'));
  await shown(program.stdout, 'build > success in 2.00s\n');
  run.changeTask(running('test'));
  run.write('test', 'no newline');
  run.complete('test');
  run.changeTask(taskView('test', { status: 'failed', reason: 'exit_code', message: 'exit code 3' }));
  run.change({ status: 'failed', ended_at: '2026-03-01T09:30:12.500Z' });
  assert.equal(await program.code, 0);
  assert.equal(
    program.stdout.text.slice(0, program.stdout.text.indexOf('\n\n')),
    [
      `ops/release: run 7, 2 tasks, ${RUN_ID}`,
      'build > started',
      'build | compiling',
      'build > success in 2.00s',
      'test  > started',
      'test  | no newline',
      'test  > failed (exit_code) in 2.00s: exit code 3',
    ].join('\n'),
  );
});

test('run --follow shows the run and exits as it ends; with --json stdout holds the answer alone', async (t) => {
  for (const json of [false, true]) {
    const { daemon, run } = await startRun(t);
    daemon.on('POST workflows/a/runs', () => ({ id: RUN_ID, number: 7, status: 'queued' }));
    const program = daemon.start(['run', 'a', '--follow', ...(json ? ['--json'] : [])]);
    const live = json ? program.stderr : program.stdout;
    run.write('build', 'hello\n');
    await shown(live, 'build | hello\n');
    run.complete('build');
    run.change({ status: 'failed', tasks: [taskView('build'), pendingTask('test')] });
    assert.equal(await program.code, 1);
    if (json) assert.deepEqual(JSON.parse(program.stdout.text), { id: RUN_ID, number: 7, status: 'failed' });
  }
});

test('how far a phase is shows once the start of the task has shown', async (t) => {
  const { daemon, run } = await startRun(t);
  const program = daemon.start(['logs', RUN_ID, '-f']);
  await shown(program.stdout, 'build > started\n');
  const provisioning = (message: string) => ({ ...running('build'), phase: 'provisioning', message });
  run.changeTask(provisioning('fetching the image'));
  await shown(program.stdout, 'build > fetching the image\n');
  run.complete('build');
  run.changeTask(taskView('build'));
  run.change({ status: 'success', ended_at: '2026-03-01T09:30:12.500Z' });
  assert.equal(await program.code, 0);
});

test('an attempt that follows another is shown after it', async (t) => {
  const { daemon, run } = await startRun(t);
  const program = daemon.start(['logs', RUN_ID, 'build', '-f']);
  run.write('build', 'first\n');
  await shown(program.stdout, 'first\n');
  run.changeTask(running('build', 3));
  run.complete('build', 1);
  run.write('build', 'second\n', 2);
  run.complete('build', 2);
  run.write('build', 'third\n', 3);
  run.complete('build', 3);
  run.changeTask(taskView('build', { attempt: 3 }));
  run.change({ status: 'success' });
  assert.equal(await program.code, 0);
  assert.equal(program.stdout.text, 'first\nsecond\nthird\n');
});

test('what is silent is not asked about again and again', async (t) => {
  const { daemon, run } = await startRun(t);
  const program = daemon.start(['logs', RUN_ID, '-f']);
  for (let line = 1; line <= 20; line++) {
    run.write('build', `line ${line}\n`);
    await shown(program.stdout, `line ${line}\n`);
  }
  await daemon.asked(run.logRoute('build'), 2);
  const questions = daemon.requestsOf(run.logRoute('build'));
  assert.ok(questions.length <= 22, `${questions.length} questions`);
  for (const { query } of questions) assert.equal(query.wait, '20');
  const offsets = questions.map(({ query }) => Number(query.offset));
  assert.deepEqual(offsets, [...new Set(offsets)], 'no byte is asked for twice');
  // Once to begin with, and once more when the events are heard.
  assert.ok(daemon.requestsOf(`GET runs/${RUN_ID}`).length <= 3);
  program.signal('SIGINT');
  assert.equal(await program.code, 130);
});

test('a daemon that goes away is waited for; when it is back, each byte is shown once and the end is the true one', async (t) => {
  const { daemon, run } = await startRun(t);
  const program = daemon.start(['logs', RUN_ID, '-f']);
  run.write('build', 'half a li');
  await daemon.asked(run.logRoute('build'), 2);
  daemon.die();
  await shown(program.stderr, 'lost the daemon');
  run.write('build', 'ne\n');
  await daemon.comeBack();
  await shown(program.stdout, 'build | half a line\n');
  run.complete('build');
  run.changeTask(taskView('build'));
  run.change({ status: 'failed' });
  assert.equal(await program.code, 0);
  assert.equal(program.stdout.text.match(/half a/g)?.length, 1);
  assert.match(program.stdout.text, /build > success in 2.00s\n(.*\n)*.*failed/);
  assert.match(
    program.stderr.text,
    /^runner logs: lost the daemon at .*runnerd\.sock: .*; waiting 2 minutes at most for it to come back\nrunner logs: the daemon is back\n$/,
  );
});

test('an answer that breaks off in the middle is read on from where it broke', async (t) => {
  const { daemon, run } = await startRun(t);
  const text = 'x'.repeat(99_999).concat('\n');
  let parts = 0;
  daemon.on(run.logRoute('build'), ({ query }, response) => {
    const from = Number(query.offset);
    const isEnd = ++parts > 3;
    response.writeHead(200, { 'x-log-offset': from, 'x-log-size': text.length, 'x-log-complete': 'true' });
    if (isEnd) response.end(text.slice(from));
    else response.write(text.slice(from, from + 20_000), () => response.destroy());
  });
  const program = daemon.start(['logs', RUN_ID, 'build', '-f', '--raw']);
  await shown(program.stdout, '\n');
  run.change({ status: 'success', tasks: [taskView('build')] });
  assert.equal(await program.code, 0);
  assert.ok(parts > 3);
  assert.equal(program.stdout.text, text);
});

test('run --wait ends as the run has ended, though the daemon was away meanwhile', async (t) => {
  const { daemon, run } = await startRun(t);
  daemon.on('POST workflows/a/runs', () => ({ id: RUN_ID, number: 7, status: 'queued' }));
  const program = daemon.start(['run', 'a', '--wait', '--json']);
  await daemon.asked(`GET runs/${RUN_ID}`);
  daemon.die();
  await shown(program.stderr, 'lost the daemon');
  run.change({ status: 'failed', ended_at: '2026-03-01T09:30:12.500Z' });
  await daemon.comeBack();
  assert.equal(await program.code, 1);
  assert.deepEqual(JSON.parse(program.stdout.text), { id: RUN_ID, number: 7, status: 'failed' });
  assert.equal(daemon.requestsOf('POST workflows/a/runs').length, 1);
});

test('Ctrl-C ends the waiting for a daemon too; a gateway that cannot reach it is no other program', async (t) => {
  const { daemon } = await startRun(t);
  const program = daemon.start(['wait', RUN_ID]);
  await daemon.asked(`GET runs/${RUN_ID}`);
  daemon.on(
    `GET runs/${RUN_ID}`,
    (_request, response) => response.writeHead(502).end('<h1>Bad Gateway</h1>') && undefined,
  );
  program.signal('SIGINT');
  assert.equal(await program.code, 130);
  let asked = 0;
  daemon.on(`GET runs/${RUN_ID}`, (_request, response) => {
    if (++asked % 2 === 1) return runDetail([], GOING_ON);
    response.writeHead(502).end('<h1>Bad Gateway</h1>');
    return undefined;
  });
  const again = daemon.start(['wait', RUN_ID]);
  await shown(again.stderr, 'status 502; waiting');
  daemon.on(`GET runs/${RUN_ID}`, () => runDetail([], { status: 'success' }));
  assert.equal(await again.code, 0);
});

test('on a terminal that is redrawn the loss is told between the lines', async (t) => {
  const { daemon, run } = await startRun(t);
  const terminal = new MemoryTerminal({ live: true, columns: 200, rows: 24 });
  const program = daemon.start(['logs', RUN_ID, '-f'], { stdout: terminal });
  run.write('build', 'x\n');
  await shown(terminal, 'x\n');
  daemon.die();
  await shown(terminal, 'lost the daemon at');
  assert.equal(program.stderr.text, '');
  program.signal('SIGINT');
  assert.equal(await program.code, 130);
});

test('Ctrl-C while following names the way back; logs -f just ends', async (t) => {
  const { daemon, run } = await startRun(t);
  daemon.on('POST workflows/a/runs', () => ({ id: RUN_ID, number: 7, status: 'queued' }));
  for (const [words, message] of [
    [['run', 'a', '-f'], `\nno longer waiting; the run goes on. See it with: runner logs ${RUN_ID} --follow\n`],
    [['logs', RUN_ID, '-f'], ''],
  ] as const) {
    const program = daemon.start(words, { stdout: new MemoryTerminal({ live: true, columns: 80, rows: 24 }) });
    run.write('build', 'x\n');
    await shown(program.stdout, 'x\n');
    program.signal('SIGINT');
    assert.equal(await program.code, 130);
    assert.equal(program.stderr.text, message);
  }
});

test('a reader that goes away ends the following quietly', async (t) => {
  const { daemon, run } = await startRun(t);
  const program = daemon.start(['logs', RUN_ID, '-f']);
  run.write('build', 'x\n');
  await shown(program.stdout, 'x\n');
  program.stdout.close();
  assert.equal(await program.code, 0);
  assert.equal(program.stderr.text, '');
});

test('without events the run is looked at by the clock', async (t) => {
  const { daemon, run } = await startRun(t);
  daemon.refuse('GET events', 503, 'busy', 'too many');
  const program = daemon.start(['logs', RUN_ID, 'build', '-f']);
  run.write('build', 'x\n');
  await shown(program.stdout, 'x\n');
  run.complete('build');
  run.change({ status: 'success', tasks: [taskView('build')] });
  assert.equal(await program.code, 0);
});

test('a slow reader holds the log back instead of filling the memory', async (t) => {
  const { daemon, run } = await startRun(t);
  const stdout = new MemoryTerminal();
  stdout.slow = true;
  const program = daemon.start(['logs', RUN_ID, 'build', '-f'], { stdout });
  const block = `${'x'.repeat(1023)}\n`.repeat(4096);
  run.write('build', block);
  await daemon.asked(run.logRoute('build'));
  await shown(stdout, 'x');
  stdout.slow = false;
  stdout.read();
  run.complete('build');
  run.change({ status: 'success', tasks: [taskView('build')] });
  assert.equal(await program.code, 0);
  assert.equal(stdout.text.length, block.length);
});

test('logs of a run prints what there is, task by task in the order they began', async (t) => {
  const { daemon, run } = await startRun(t);
  const early = taskView('test', { started_at: '2026-03-01T09:29:00.000Z' });
  run.change({ tasks: [running('build'), early, pendingTask('never')] });
  run.write('build', 'b\n');
  run.write('test', 't');
  run.complete('test');
  const { code, out } = await daemon.runner(['logs', RUN_ID]);
  assert.deepEqual({ code, out }, { code: 0, out: 'test  | t\nbuild | b\n' });
  for (const { query } of daemon.requestsOf(run.logRoute('build'))) assert.equal(query.wait, undefined);
  const json = await daemon.runner(['logs', RUN_ID, '--json']);
  assert.deepEqual(
    json.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { task: 'test', attempt: 1, line: 't' },
      { task: 'build', attempt: 1, line: 'b' },
    ],
  );
});

test('control characters of a log stay only with --raw', async (t) => {
  const { daemon, run } = await startRun(t);
  const bytes = Buffer.from('\x1b]0;title\x07a\x1b[31mred\x1b[0m\x00\n\xff', 'latin1');
  run.write('build', bytes);
  run.complete('build');
  const plain = await daemon.runner(['logs', RUN_ID, 'build']);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
  assert.doesNotMatch(plain.out, /[\x00-\x09\x0b-\x1f]/);
  const stdout = new MemoryTerminal();
  const raw: Buffer[] = [];
  stdout.write = (chunk) => void raw.push(Buffer.from(chunk));
  assert.equal((await daemon.runner(['logs', RUN_ID, 'build', '--raw'], { stdout })).code, 0);
  assert.deepEqual(Buffer.concat(raw), bytes);
});

test('logs of one attempt, of a matrix, and of what has none', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const names = ['build', 'build(node=20)', 'build(node=22)', 'skipped'];
  const run = new FakeRun(daemon, runDetail(names.map((name) => taskView(name, { attempt: 2 }))));
  run.write('build(node=20)', 'old\n', 1);
  run.write('build(node=20)', 'twenty\n', 2);
  run.write('build(node=22)', 'twenty-two\n', 2);
  const out = async (...words: string[]) => (await daemon.runner(['logs', RUN_ID, ...words])).out;
  assert.equal(await out('build'), 'build(node=20) | twenty\nbuild(node=22) | twenty-two\n');
  assert.equal(await out('build(node=20)', '--attempt', '1'), 'old\n');
  daemon.on(`GET runs/${RUN_ID}/tasks/skipped`, () => ({ ...taskView('skipped'), logs: [] }));
  assert.deepEqual(await daemon.runner(['logs', RUN_ID, 'skipped']), {
    code: 2,
    out: '',
    err: 'runner logs: task "skipped" has no log\n',
  });
  daemon.refuse(`GET runs/${RUN_ID}/tasks/biuld`, 404, 'unknown-task', 'no such task');
  const unknown = await daemon.runner(['logs', RUN_ID, 'biuld']);
  assert.equal(unknown.err, 'runner logs: no such task; did you mean "build"?\n');
});

test('choices of logs that make no sense together are mistakes', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const wrong = [['--raw'], ['--attempt', '2'], ['build', '--raw', '--json'], ['build', '-f', '--attempt', '1']];
  for (const words of wrong) assert.equal((await daemon.runner(['logs', RUN_ID, ...words])).code, 2);
  assert.deepEqual(daemon.requests, []);
});

test('what came after another task is shown after it, also when it is all over', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const last = taskView('last', {
    needs: ['middle'],
    phase: 'done',
    status: 'skipped',
    reason: 'dependency',
    attempt: 0,
  });
  const tasks = [{ ...last, started_at: null }, taskView('middle', { needs: ['first'] }), taskView('first')];
  const run = new FakeRun(daemon, runDetail(tasks));
  run.write('middle', 'm\n');
  run.complete('middle');
  const program = daemon.start(['logs', RUN_ID, '-f']);
  await daemon.asked(run.logRoute('first'));
  run.write('first', 'f\n');
  run.complete('first');
  assert.equal(await program.code, 0);
  const names = program.stdout.text.split('\n').filter((line) => / [|>] /.test(line));
  assert.deepEqual(
    names.map((line) => line.replace(/ +/g, ' ')),
    [
      'first > started',
      'first | f',
      'first > success in 2.00s',
      'middle > started',
      'middle | m',
      'middle > success in 2.00s',
      'last > skipped (dependency)',
    ],
  );
});

test('the join of a matrix, which depends on what bears its own name, does not hold up the end', async (t) => {
  const daemon = await FakeDaemon.start(t);
  const tasks = [taskView('build(v=1)'), taskView('build', { needs: ['build'] })];
  const run = new FakeRun(daemon, runDetail(tasks));
  for (const { name } of tasks) run.complete(name);
  const program = daemon.start(['logs', RUN_ID, '-f']);
  assert.equal(await program.code, 0);
});
