import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';
import { finished, printed, Sandbox } from '../support/program.ts';

/** A daemon, and a way to run verbs whose exit code is known. */
async function rig(t: TestContext, workflows: Readonly<Record<string, string>>) {
  const sandbox = new DaemonSandbox(t);
  for (const [id, yaml] of Object.entries(workflows)) sandbox.write(id, yaml);
  const daemon = await sandbox.start();
  const runner = async (words: string, code = 0, input = ''): Promise<string> => {
    const ended = await sandbox.cli(words.split(' '), input);
    assert.equal(ended.code, code, `runner ${words}: ${ended.stdout}${ended.stderr}`);
    return code === 0 ? ended.stdout : ended.stdout + ended.stderr;
  };
  const json = async (words: string, code = 0) => JSON.parse(await runner(`${words} --json`, code));
  return { sandbox, daemon, runner, json };
}

const FINE = 'taskGroup: [{ name: say, run: "echo hello" }]';
const BROKEN = 'taskGroup: [{ name: say, rum: "echo hello" }]';

/** Prints, waits until the test lets it go on, prints again. */
function waiting(name = 'long'): string {
  return `  - name: ${name}
    run: |
      echo before
      until [ -e "$RUNNER_WORKSPACE/../../../../go" ]; do sleep 0.02; done
      echo after
`;
}

const LONG = `taskGroup:\n${waiting()}  - { name: next, depends_on: long, run: "echo next" }\n`;

async function running(daemon: RunningDaemon, workflow: string): Promise<string> {
  const run = await daemon.run(workflow);
  while ((await daemon.ask('GET', `/api/v1/runs/${run}/tasks/long/log?offset=0&wait=30`)).body === '');
  return run;
}

test('workflows lists states and what is wrong; run, show and runs tell of a run', async (t) => {
  const { runner, json } = await rig(t, { 'ops/fine': FINE, broken: BROKEN });
  const { workflows } = await json('workflows');
  assert.deepEqual(
    workflows.map(({ id, state }: { id: string; state: string }) => [id, state]),
    [
      ['broken', 'invalid'],
      ['ops/fine', 'armed'],
    ],
  );
  assert.match(await runner('workflows'), /broken\.yml:1:26: error: unknown key "rum".*\[unknown-key\]/);
  const created = await json('run ops/fine --wait');
  assert.deepEqual(Object.keys(created), ['id', 'number', 'status']);
  assert.deepEqual([created.number, created.status], [1, 'success']);
  const shown = await json('show ops/fine#1');
  for (const key of ['id', 'status', 'results', 'workflow', 'number', 'trigger', 'created_at', 'ended_at'])
    assert.ok(key in shown, key);
  assert.equal(shown.results.say.exit_code, 0);
  const task = await json('show last say');
  const workspace = task.environment.find(({ name }: { name: string }) => name === 'RUNNER_WORKSPACE');
  assert.equal(workspace.source, 'system');
  assert.deepEqual(
    (await json('runs --workflow ops/fine --status success --last 1h')).runs.map(({ id }: { id: string }) => id),
    [created.id],
  );
  assert.equal(await runner('logs ops/fine say'), 'hello\n');
});

test('what cannot be done is one line on stderr, with the exit code for its kind', async (t) => {
  const { sandbox, daemon, runner } = await rig(t, {
    fine: FINE,
    broken: BROKEN,
    fails: FINE.replace('echo', 'false'),
  });
  assert.match(await runner('run fin', 2), /^runner run: there is no workflow "fin"; did you mean "fine"\?\n$/);
  assert.match(await runner('run broken', 1), /^runner run: the file of workflow "broken" has errors; see /);
  assert.match(await runner('run fine --input a=1', 2), /^runner run: .*"a"/);
  assert.match(await runner('run fine --only nobody', 2), /^runner run: there is no task "nobody" in the workflow\n$/);
  assert.match(await runner('show fine', 2), /^runner show: workflow "fine" has no runs yet\n$/);
  assert.match(await runner('why broken'), /manual \(cli\) started nothing: the file of .* \[invalid\]\n$/);
  assert.match(
    await runner('run fails --wait', 1),
    /fails#1: failed in .*\n {2}say: .*\n {2}see it with: runner show /,
  );
  await runner('wait fails', 1);
  await daemon.kill();
  assert.match(await runner('runs', 5), new RegExp(`^runner runs: .*${sandbox.stateDir}`));
});

test('run --wait: Ctrl-C ends the waiting with 130, and the run goes on; wait sees its end', async (t) => {
  const { sandbox, daemon, runner, json } = await rig(t, { long: LONG });
  const child = sandbox.verb(['run', 'long', '--wait']);
  const ended = finished(child);
  await printed(child, 'is queued');
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  assert.equal(code, 130);
  assert.match(stderr, /no longer waiting; the run goes on/);
  await runner('wait last --timeout 1s', 124);
  sandbox.touch('go');
  assert.match(await runner('wait long'), /^long#1: success in /);
  assert.equal((await json('show long')).status, 'success');
  await daemon.kill();
});

test('logs -f shows lines while a task writes them, and ends with the run', async (t) => {
  const { sandbox, daemon } = await rig(t, { long: LONG });
  const run = await running(daemon, 'long');
  const child = sandbox.verb(['logs', run, '-f']);
  const ended = finished(child);
  await printed(child, 'long | before\n');
  sandbox.touch('go');
  const { code, stdout } = await ended;
  assert.equal(code, 0);
  assert.match(stdout, /long \| after\n/);
  assert.match(stdout, /next \| next\n/);
});

test('run --follow shows a run as exec does', async (t) => {
  const yaml = `taskGroup:
  - { name: one, run: "echo hello; echo more" }
  - { name: many, depends_on: one, matrix: { n: [2] }, run: "echo {{ matrix.n }}; exit {{ matrix.n }}" }
  - { name: after, depends_on: many, run: "echo never" }
  - { name: handler, depends_on: [{ task: many, when: failure }], run: "echo handled" }
`;
  const { runner } = await rig(t, { job: yaml });
  const neutral = (text: string): string =>
    text
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
      .replace(/\b\d+\.\d+s/g, 'TIME')
      .replace(/ +TIME/g, ' TIME');
  const alone = new Sandbox(t);
  const { stdout } = await alone.run(['exec', alone.write('job.yml', yaml)]);
  assert.equal(neutral(await runner('run job --follow', 1)), neutral(stdout));
});

test('cancel ends one task, or the run; a run that was cancelled exits 130', async (t) => {
  const { daemon, runner, json } = await rig(t, { long: LONG, two: `${LONG}${waiting('other')}` });
  const run = await running(daemon, 'two');
  assert.match(await runner(`cancel ${run} nobody`, 2), /has no task "nobody"/);
  assert.match(await runner(`cancel ${run} long --wait`), /^task "long" of two#1 is over: cancelled\n$/);
  assert.equal((await json(`show ${run}`)).status, 'running', 'the other task goes on');
  assert.match(await runner(`cancel ${run} --wait`), /^two#1 is over: cancelled\n$/);
  await runner(`wait ${run}`, 130);
  assert.match(await runner(`cancel ${run}`), /^\S+ was over already: \w+\n$/);
  const { id, task, status } = await json(`cancel ${await running(daemon, 'long')} --wait`);
  assert.deepEqual([typeof id, task, status], ['string', null, 'cancelled']);
});

test('rerun repeats all, what failed, or from a task on, with the file as it was or as it is', async (t) => {
  const yaml = (code: number): string => `taskGroup:
  - { name: first, run: 'echo "at=$(date +%s%N)" >> "$OUTPUT_FILE"', exports: [{ name: at, scope: global }] }
  - { name: second, depends_on: first, run: "exit ${code}" }
`;
  const { sandbox, daemon, runner, json } = await rig(t, { job: yaml(1) });
  await runner('run job --wait', 1);
  const at = async (): Promise<string> => (await json('show job')).results.first.outputs.at;
  const first = await at();
  await runner('rerun job --failed --wait', 1);
  assert.equal(await at(), first, 'what succeeded is taken over');
  assert.match((await json('show job')).results.first.notes[0], /^taken over from run /);
  await runner('rerun job#1 --wait', 1);
  assert.notEqual(await at(), first);
  sandbox.write('job', yaml(0));
  await daemon.said('workflow changed');
  await runner('rerun job#1 --from second --wait', 1);
  await runner('rerun job#1 --from second --current --wait');
  assert.equal(await at(), first);
  assert.match(await runner('show job'), /^rerun of +[0-9a-f-]{36}$/m);
  assert.match(await runner('rerun job --from nobody', 2), /there is no task "nobody"/);
});

test('typed inputs, variables and a payload reach a workflow in a subfolder', async (t) => {
  const { daemon, runner, json } = await rig(t, {
    'a/b.c/job': `
inputs: { n: { type: number, required: true }, on: { type: boolean }, c: { enum: [x, y], default: x } }
taskGroup: [{ name: show, run: 'echo {{ inputs.n }} {{ inputs.on }} {{ inputs.c }} "$EXTRA" {{ default trigger.payload.k "none" }} {{ workflow.namespace }}' }]
`,
  });
  const inputs = { n: 2.5, on: true, c: 'y' };
  const run = await daemon.run('a/b.c/job', { inputs, env: { EXTRA: 'more $x' }, payload: { k: 'v' } });
  await runner(`wait ${run}`);
  assert.equal(await runner('logs a/b.c/job'), 'show | 2.5 true y more $x v a\n');
  await runner('run a/b.c/job --wait --input n=7 --input on=true --env EXTRA=e');
  assert.match(await runner('logs a/b.c/job#2 show'), /^7 true x e none a\n$/);
  assert.deepEqual((await json('show a/b.c/job#2')).inputs, { n: 7, on: true, c: 'x' });
  for (const [args, problem] of [
    ['--input on=true', /input "n" is required/],
    ['--input n=seven', /input "n" wants a number, not "seven"/],
    ['--input n=1 --input c=z', /input "c"/],
  ] as const)
    assert.match(await runner(`run a/b.c/job ${args}`, 2), problem);
  const refused = await daemon.ask('POST', '/api/v1/workflows/a%2Fb.c%2Fjob/runs', { inputs: { n: [1] } });
  assert.deepEqual([refused.status, refused.body.code], [400, 'bad-inputs']);
  for (const verb of ['pause', 'why', 'next', 'resume', 'rerun']) await runner(`${verb} a/b.c/job`);
});

test('pause keeps a workflow from firing but not from running by hand; a paused or draining daemon starts nothing', async (t) => {
  const { runner, json } = await rig(t, {
    daily: `on: { schedule: [{ cron: "0 3 * * *", timezone: UTC }] }\n${FINE}`,
  });
  assert.deepEqual(await json('pause daily'), { workflow: 'daily', paused: true });
  assert.equal((await json('workflows')).workflows[0].state, 'paused');
  assert.equal((await json('next daily')).next[0].note, 'paused');
  await runner('run daily --wait');
  await runner('resume daily');
  const { next } = await json('next daily -n 3');
  assert.deepEqual(
    next.map(({ at, kind }: { at: string; kind: string }) => [at.slice(11), kind]),
    Array(3).fill(['03:00:00.000Z', 'cron']),
  );
  assert.match(await runner('pause'), /^the daemon is paused: nothing new runs until /);
  assert.match(await runner('run daily', 1), /^runner run: the daemon is paused\n$/);
  await runner('resume');
  await runner('run daily --wait');
  assert.match(await runner('drain'), /^no new run starts from now on; 0 runs going on, 0 queued\n$/);
  assert.match(await runner('run daily', 1), /^runner run: the daemon is draining\n$/);
  assert.match(
    await runner('workflows'),
    /^daily +armed +- .*\n\nthe daemon is draining: nothing new runs until it is started again$/m,
  );
  assert.equal((await json('next daily')).next[0].note, 'the daemon is draining');
});

test('a secret is set from stdin, used, masked, listed, narrowed and deleted; without it the run fails at once', async (t) => {
  const yaml =
    'secrets: [KEY]\ntaskGroup: [{ name: use, run: "echo {{ secrets.KEY }}; echo {{ secrets.KEY }} | wc -c" }]';
  const { runner, json } = await rig(t, { 'ops/job': yaml, job: yaml });
  assert.match(await runner('workflows'), /warning: secret KEY is declared .*\n {2}hint: runner secret set KEY\n/);
  assert.match(await runner('run job --wait', 1), /use: secret KEY is declared but not stored: runner secret set KEY/);
  assert.equal((await json('show job')).results.use.reason, 'missing_secret');
  assert.equal(await runner('secret set KEY', 0, 'open-sesame\n'), 'secret KEY is set (global)\n');
  await runner('secret set KEY --namespace ops', 0, 'other-value-than-that');
  await runner('run job --wait');
  assert.equal(await runner('logs job use --raw'), '***\n12\n');
  await runner('run ops/job --wait');
  assert.equal(await runner('logs ops/job use --raw'), '***\n22\n');
  const { secrets } = await json('secret list');
  assert.deepEqual(
    secrets.map(({ name, scope }: { name: string; scope: string }) => [name, scope]),
    [
      ['KEY', 'global'],
      ['KEY', 'namespace:ops'],
    ],
  );
  await runner('secret delete KEY --namespace ops');
  await runner('secret set KEY --allow ops/**', 0, 'open-sesame');
  await runner('run ops/job --wait');
  assert.match(
    await runner('run job --wait', 1),
    /use: secret KEY is not open to workflow job: see runner secret list/,
  );
  await runner('secret delete KEY');
  assert.equal(await runner('secret list'), 'no secrets\n');
  assert.match(await runner('secret delete KEY', 2), /there is no secret "KEY"/);
});

test('audit lists who did what, to what, from where; values of secrets never stand in it', async (t) => {
  const { daemon, runner, json } = await rig(t, { fine: FINE });
  const { id } = await json('run fine --wait');
  await runner('secret set KEY', 0, 'open-sesame');
  await runner('pause fine');
  await runner(`cancel ${id}`);
  const { audits, more } = await json('audit --since 1h --limit 3');
  assert.equal(more, true);
  assert.deepEqual(
    audits.map(({ number, actor, from, action, subject }: Record<string, unknown>) => [
      number,
      actor,
      from,
      action,
      subject,
    ]),
    [
      [4, 'cli', 'socket', 'run.cancel', id],
      [3, 'cli', 'socket', 'pause', 'fine'],
      [2, 'cli', 'socket', 'secret.set', 'KEY'],
    ],
  );
  assert.match(await runner('audit'), /^TIME .*\n(.*\n){3}.* cli +socket +run\.start +fine\n$/);
  assert.doesNotMatch(await runner('audit'), /sesame/);
  const { body } = await daemon.ask('GET', '/api/v1/audit?before=2');
  assert.deepEqual([body.audits.length, body.audits[0].subject, body.more], [1, 'fine', false]);
});

test('a backup opens in a new daemon, and knows what was before; prune and doctor answer', async (t) => {
  const { sandbox, daemon, runner, json } = await rig(t, { fine: FINE });
  const { id } = await json('run fine --wait');
  const copy = join(sandbox.folder, 'copy');
  assert.equal(await runner(`backup ${copy}`), `backup written to ${copy}\n`);
  assert.match(await runner(`backup ${copy}`, 2), /copy: it exists already, and a backup wants a new folder\n$/);
  await runner('run fine --wait');
  assert.deepEqual(await json('prune --dry-run'), { runs: 0, bytes: 0, dry_run: true });
  const { stdout } = await sandbox.cli(['doctor', '--json']);
  assert.ok(Array.isArray(JSON.parse(stdout)), stdout);
  await daemon.kill();
  rmSync(join(sandbox.stateDir, 'db'), { recursive: true });
  renameSync(copy, join(sandbox.stateDir, 'db'));
  await sandbox.start();
  assert.deepEqual(
    (await json('runs')).runs.map((run: { id: string }) => run.id),
    [id],
  );
  assert.equal(existsSync(copy), false);
  assert.equal((await json('run fine --wait')).number, 2);
});
