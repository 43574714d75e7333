import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Driver, Job } from '../../src/model/ports.ts';
import { PluginRig } from '../support/plugin-rig.ts';
import { until } from '../support/until.ts';
import { WatchedIO } from '../support/watched-io.ts';

/** A loaded plugin with one driver. */
async function hosted(t: TestContext, body: string, more = '') {
  const rig = new PluginRig(t);
  rig.writeDriver('x', body, more);
  const set = await rig.load();
  const driver = rig.driver(set, 'x');
  const io = new WatchedIO();
  const run = (spec: Job['spec'] = {}, jobIo = io) => driver.run(rig.job('x', spec), jobIo);
  return { rig, set, driver, io, run };
}

test('a job sees its spec, environment and folders, and what it writes arrives', async (t) => {
  const { rig, driver, io } = await hosted(
    t,
    "await io.write('stdout', JSON.stringify(job)); await io.write('stderr', 'e');",
  );
  const job = rig.job('x', { deep: [{ a: 1 }] }, { workingDir: 'sub' });
  assert.deepEqual(await driver.run(job, io), { kind: 'exited', code: 0 });
  const { run, workflow, task, attempt, type, spec, env, workspace, folder } = JSON.parse(io.stdout);
  assert.deepEqual([run, workflow, task, attempt, type], [job.runId, 'test', 'task', 1, 'x']);
  assert.deepEqual([spec, env, workspace, folder], [job.spec, job.env, rig.folder, join(rig.folder, 'sub')]);
  assert.deepEqual([io.stderr, io.handles.length], ['e', 1]);
});

test('the files of a job are there while it runs, for a program too, and no longer', async (t) => {
  const body = `
    const text = (await import('node:fs')).readFileSync(job.folder + '/deep/note', 'utf8');
    return job.spec.program ? { command: ['sh', '-c', 'cat deep/note; stat -c %a deep/note'] } : { message: text };
  `;
  const { rig, driver, io } = await hosted(t, body);
  const content = { kind: 'bytes', bytes: Buffer.from('hello\n') } as const;
  const files = [{ path: 'deep/note', mode: 0o640, content }];
  assert.deepEqual(await driver.run(rig.job('x', {}, { files }), io), { kind: 'exited', code: 0, notes: ['hello\n'] });
  const handedOver = rig.job('x', { program: true }, { files });
  assert.deepEqual(await driver.run(handedOver, io), { kind: 'exited', code: 0 });
  assert.equal(io.stdout, 'hello\n640\n');
  assert.deepEqual([existsSync(join(rig.folder, 'deep')), existsSync(handedOver.scratch)], [false, false]);
  const taken = rig.job('x', {}, { files: [{ path: '../note', mode: 0o600, content }] });
  const refused = await driver.run(taken, io);
  assert.equal(refused.kind === 'failed' && refused.reason, 'bad_file');
});

test('exports arrive byte for byte, whatever they hold', async (t) => {
  const values = { plain: 'a', lines: 'a\nb=c\n\nEOF\n', odd: '  "$x" `y` \\ ü €\t' };
  const { rig, driver, io } = await hosted(t, 'return { exports: job.spec };');
  const job = rig.job('x', values);
  await driver.run(job, io);
  const { readOutputs } = await import('../../src/util/output-file.ts');
  assert.deepEqual(readOutputs({ outputFile: job.outputFile, task: 'x' }), { values: new Map(Object.entries(values)) });
});

test('a code and a message come out', async (t) => {
  const { run } = await hosted(t, "return { code: 7, message: 'the server is gone' };");
  assert.deepEqual(await run(), { kind: 'exited', code: 7, notes: ['the server is gone'] });
});

test('an error fails the task, and its stack is in the log', async (t) => {
  const { run, io } = await hosted(t, "throw new RangeError('too far');");
  assert.deepEqual(await run(), { kind: 'failed', reason: 'driver_error', message: 'RangeError: too far' });
  assert.match(io.stderr, /RangeError: too far\n {4}at .*x\.js:6:\d+\)\n$/);
});

for (const [reply, message] of [
  ['5', /no object/],
  ['{ status: 1 }', /replied "status"/],
  ['{ code: -1 }', /the code -1/],
  ['{ code: "1" }', /the code "1"/],
  ['{ exports: { a: 1 } }', /"a" must be text, not 1/],
  ["{ exports: { 'a b': '' } }", /cannot be called "a b"/],
  ['{ command: [] }', /"command" must be/],
  ['{ command: [1] }', /"command" must be/],
] as const) {
  test(`the reply ${reply} is refused`, async (t) => {
    const exit = await (await hosted(t, `return ${reply};`)).run();
    assert.equal(exit.kind === 'failed' && exit.reason, 'driver_error');
    assert.match(exit.kind === 'failed' ? exit.message : '', message);
  });
}

test('what a job prints belongs to its own log', async (t) => {
  const { run } = await hosted(
    t,
    "for (let i = 0; i < 50; i++) { console.log(job.spec.name); await new Promise(setImmediate); } console.error('end');",
  );
  const ios = ['a', 'b', 'c'].map((name) => ({ name, io: new WatchedIO() }));
  await Promise.all(ios.map(({ name, io }) => run({ name }, io)));
  for (const { name, io } of ios) assert.deepEqual([io.stdout, io.stderr], [`${name}\n`.repeat(50), 'end\n']);
});

test('20 MB written without waiting arrive whole and in order', async (t) => {
  const { run, io } = await hosted(
    t,
    "for (let i = 0; i < 200; i++) void io.write('stdout', Buffer.alloc(1e5, i)); return {};",
  );
  await run();
  const expected = Buffer.concat(Array.from({ length: 200 }, (_, i) => Buffer.alloc(1e5, i)));
  assert.ok(io.bytes('stdout').equals(expected));
});

test('a job waits until what it wrote is taken', async (t) => {
  const { run } = await hosted(t, "await io.write('stdout', 'a'); const at = Date.now(); return { message: 'taken' };");
  const io = new WatchedIO();
  let release = (): void => {};
  const taken = new Promise<void>((resolve) => {
    release = resolve;
  });
  io.write = () => taken;
  let isOver = false;
  const ended = run({}, io).then((exit) => {
    isOver = true;
    return exit;
  });
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  release();
  assert.deepEqual(await ended, { kind: 'exited', code: 0, notes: ['taken'] });
});

test('a job that is asked to end may clean up', async (t) => {
  const { run, io } = await hosted(
    t,
    "await io.write('stdout', 'ready'); while (!io.signal.aborted) await new Promise(setImmediate); return { code: 9 };",
  );
  const ended = run();
  await io.printed('ready');
  io.end(600_000);
  assert.deepEqual(await ended, { kind: 'exited', code: 9 });
});

test('a job that ignores its end takes the process with it; the next job finds another', async (t) => {
  const { rig, run, io } = await hosted(
    t,
    "await io.write('stdout', 'ready'); if (job.spec.loop) for (;;); return {};",
  );
  const [before] = rig.processes();
  const ended = run({ loop: true });
  await io.printed('ready');
  io.end(10);
  const exit = await ended;
  assert.deepEqual([exit.kind, 'signal' in exit && exit.signal], ['signaled', 'SIGKILL']);
  assert.deepEqual(await run({}, new WatchedIO()), { kind: 'exited', code: 0 });
  assert.ok(before !== undefined && !rig.processes().includes(before));
});

test('when the process dies, its jobs are told, the plugin is in trouble, and it starts again', async (t) => {
  const { run, set, io } = await hosted(
    t,
    "await io.write('stdout', 'ready'); if (job.spec.exit) process.exit(3); if (job.spec.wait) await new Promise(() => {});",
  );
  const waiting = run({ wait: true });
  await io.printed('ready');
  const exits = await Promise.all([run({ exit: true }, new WatchedIO()), waiting]);
  for (const exit of exits) {
    assert.equal(exit.kind === 'failed' && exit.reason, 'driver_error');
    assert.match(exit.kind === 'failed' ? exit.message : '', /the plugin "x" died while it ran this task: exit code 3/);
  }
  assert.equal(set.states()[0]?.problem, 'exit code 3');
  assert.deepEqual(await run({}, new WatchedIO()), { kind: 'exited', code: 0 });
  assert.equal(set.states()[0]?.problem, null);
});

test('an error that no job catches ends the process, not the program', async (t) => {
  const { run } = await hosted(t, "setImmediate(() => { throw new Error('late'); }); await new Promise(() => {});");
  const exit = await run();
  assert.match(exit.kind === 'failed' ? exit.message : '', /died while it ran this task: exit code 70/);
});

test('a plugin that was changed meanwhile is not started again as something else', async (t) => {
  const { rig, run } = await hosted(t, 'process.exit(1);');
  await run();
  rig.write('x.js', readFileSync(join(rig.plugins, 'x.js'), 'utf8').replace("{ type: 'object' }", '{}'));
  const exit = await run();
  assert.match(exit.kind === 'failed' ? exit.message : '', /cannot be used: it was changed/);
});

test('the signals are start, pause and destroy, and destroy is waited for', async (t) => {
  const more =
    "signal: async (s) => { await null; (await import('node:fs')).appendFileSync(process.env.SIGNALS, s + '\\n'); }";
  const rig = new PluginRig(t);
  const signals = join(rig.folder, 'signals');
  rig.write('x.js', `process.env.SIGNALS = '${signals}';\n`);
  rig.writeDriver('x', 'return {};', more);
  rig.write('x.js', `process.env.SIGNALS = '${signals}';\n${readFileSync(join(rig.plugins, 'x.js'), 'utf8')}`);
  const set = await rig.load();
  await set.rest();
  await set.close();
  assert.equal(readFileSync(signals, 'utf8'), 'start\npause\ndestroy\n');
  assert.deepEqual(rig.processes(), []);
});

test('what a plugin started ends with it', async (t) => {
  const { rig, set, run } = await hosted(
    t,
    "(await import('node:child_process')).spawn('sleep', ['1000'], { stdio: 'ignore', env: process.env }); return {};",
  );
  await run();
  assert.equal(rig.processes().length, 2);
  await set.close();
  await until(() => rig.processes().length === 0);
});

test('a spec is judged again once it is rendered', async (t) => {
  const rig = new PluginRig(t);
  rig.writeDriver('x', 'return {};');
  const source = readFileSync(join(rig.plugins, 'x.js'), 'utf8');
  const schema = "{ type: 'object', properties: { url: { type: 'string', pattern: '^https:' } } }";
  rig.write('x.js', source.replace("{ type: 'object' }", schema));
  const driver: Driver = rig.driver(await rig.load(), 'x');
  assert.deepEqual(driver.validate({ url: '{{ inputs.url }}' }), []);
  assert.equal(driver.validate({ url: 'ftp:' }).length, 1);
  const exit = await driver.run(rig.job('x', { url: 'ftp://x' }), new WatchedIO());
  assert.match(exit.kind === 'failed' ? exit.message : '', /^spec\.url must match pattern/);
});

test('an executable gets its request on stdin, replies on stdout and logs on stderr', async (t) => {
  const rig = new PluginRig(t);
  rig.write(
    'x',
    `#!/bin/sh
if [ "$1" = describe ]; then echo '{"api":1,"type":"x","schema":{}}'; exit; fi
echo "log" >&2; echo "out" >&3
cat > "$REQUEST"
echo '{"exports":{"greeting":"hello"},"message":"done"}'
exit "$CODE"
`,
    0o755,
  );
  const driver = rig.driver(await rig.load(), 'x');
  const request = join(rig.folder, 'request');
  const job = rig.job('x', { name: 'Ada' });
  for (const code of [0, 5]) {
    const io = new WatchedIO();
    const env = { ...job.env, REQUEST: request, CODE: String(code) };
    const exit = await driver.run({ ...job, env, outputFile: `${job.outputFile}.${code}` }, io);
    assert.deepEqual(exit, { kind: 'exited', code, notes: ['done'] });
    assert.deepEqual([io.stdout, io.stderr], ['out\n', 'log\n']);
    assert.match(readFileSync(`${job.outputFile}.${code}`, 'utf8'), /^greeting<<(\S+)\nhello\n\1\n$/);
  }
  const { api, spec, task, env } = JSON.parse(readFileSync(request, 'utf8'));
  assert.deepEqual([api, spec, task, env], [1, { name: 'Ada' }, 'task', undefined]);
  assert.equal(existsSync(`${job.scratch}.plugin`), false);
});

test('an executable that replies nonsense has failed, unless it says so itself', async (t) => {
  const rig = new PluginRig(t);
  const script =
    '#!/bin/sh\n[ "$1" = describe ] && exec echo \'{"api":1,"type":"x","schema":{}}\'\necho nonsense; exit "$CODE"\n';
  writeFileSync(rig.write('x', script, 0o755), script);
  const driver = rig.driver(await rig.load(), 'x');
  const run = (code: string) => {
    const job = rig.job('x');
    return driver.run({ ...job, env: { ...job.env, CODE: code } }, new WatchedIO());
  };
  const exit = await run('0');
  assert.match(exit.kind === 'failed' ? exit.message : '', /no JSON: nonsense/);
  assert.deepEqual(await run('3'), { kind: 'exited', code: 3 });
});
