import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { containersOf, DOCKER_SOCKET, dockerSkip, TEST_IMAGE } from '../support/docker.ts';
import { type ExecResult, Sandbox } from '../support/program.ts';
import { TestRegistry } from '../support/test-registry.ts';

// What the founding documents show of containers, in our spelling, on the real engine.

const skip = await dockerSkip();

test("Gofer's first task: an image, an entrypoint, a script of many lines, and that is all", { skip }, async (t) => {
  const { code, stderr } = await exec(
    t,
    `
name: Simple Pipeline
taskGroup:
- name: simple_task
  description: This task simply prints our hello-world message and exits!
  image: ${TEST_IMAGE}
  run: |
    echo Waiting to start...
    echo "Hello from Gofer!"
`,
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /simple_task \| Hello from Gofer!\n/);
});

test("Gofer's task fields: registry_auth from secrets, a newer image each time, variables, entrypoint and command", {
  skip,
}, async (t) => {
  const registry = await TestRegistry.start(t, { credentials: 'gofer:pa55word' });
  const text = `
secrets: [REGISTRY_PASSWORD]
taskGroup:
- name: task
  type: docker
  spec:
    image: ${registry.image}
    pull: always
    registry_auth: { user: gofer, password: "{{ secrets.REGISTRY_PASSWORD }}" }
    entrypoint: [sh, -c]
    command: ['echo "$LOGS_HEADER, $RUNNER_TASK of $RUNNER_TASK_IMAGE"; cat /etc/made-for']
  env: { LOGS_HEADER: from a variable }
`;
  const secret = ['--secret', 'REGISTRY_PASSWORD'];
  const right = await exec(t, text, secret, { REGISTRY_PASSWORD: 'pa55word' });
  assert.equal(right.code, 0, right.stderr);
  assert.match(right.stderr, new RegExp(`from a variable, task of ${registry.image}\n.*the tests of runner`));
  const wrong = await exec(t, text, secret, { REGISTRY_PASSWORD: 'wr0ng-word' });
  const { reason, message } = wrong.result?.results.task ?? {};
  assert.deepEqual([wrong.code, reason], [1, 'provisioning_failed']);
  assert.match(message ?? '', /cannot be fetched/);
  assert.ok(!wrong.stderr.includes('wr0ng-word'));
});

test("Drove's task specification: executable, args, resources, volumes, configs, env, tags, user and file limit", {
  skip,
}, async (t) => {
  const sandbox = new Sandbox(t);
  // Another user works in it.
  chmodSync(sandbox.folder, 0o755);
  const host = join(sandbox.folder, 'host');
  mkdirSync(host);
  writeFileSync(join(host, 'shared'), 'from the host\n');
  const { code, stderr, result } = await execIn(
    sandbox,
    `
taskGroup:
- name: T0001
  tags: { superSpecialApp: "yes" }
  type: docker
  spec:
    image: ${TEST_IMAGE}
    pull_timeout: 100s
    user: guest
    command:
      - sh
      - -c
      - |
        id -un; cat /mnt/shared settings.json; echo "$CORES-$LANG-$EMPTY-"; ulimit -n
        touch /mnt/new || echo read-only; df -k /dev/shm | grep -q ' 2048 ' && echo shm
      - ignored
    volumes: [{ source: ${host}, target: /mnt, read_only: true }]
  env: { CORES: 5, LANG: , EMPTY: "" }
  files: [{ path: settings.json, text: "inline\\n", mode: "0644" }]
  resources: { cpu: 1, memory: 128MiB, shm: 2MiB, nofile: 777 }
  timeout: 15m
  log: { max_size: 10MiB }
`,
  );
  assert.equal(code, 0, stderr);
  const lines = stderr.split('\n').flatMap((line) => /^T0001 +\| (.*)/.exec(line)?.slice(1) ?? []);
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('touch:')),
    ['guest', 'from the host', 'inline', '5-C.UTF-8--', '777', 'read-only', 'shm'],
  );
  assert.equal(result?.results.T0001?.status, 'success');
});

test("Drove's states: provisioning, starting, running, deprovisioning; and how it ended apart from them", {
  skip,
}, async (t) => {
  const sandbox = new Sandbox(t);
  const ended = await execIn(sandbox, `taskGroup: [{ name: task, image: ${TEST_IMAGE}, run: exit 3 }]`);
  const { id, results } = ended.result as ExecResult;
  const events = readFileSync(join(sandbox.stateDir, 'runs', id, 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  const states = events.map((line) => JSON.parse(line)).filter(({ task }) => task === 'task');
  assert.deepEqual(
    states.map(({ type, phase }) => phase ?? type),
    ['task-queued', 'task-starting', 'provisioning', 'task-running', 'deprovisioning', 'task-ended'],
  );
  assert.deepEqual([results.task?.reason, results.task?.exit_code], ['exit_code', 3]);
  assert.deepEqual(containersOf(`runner.run=${id}`), []);
});

test("Diego's limits: memory, processes, open files and processor time", { skip }, async (t) => {
  const task = (name: string, resources: string, run: string) =>
    `- { name: ${name}, image: ${TEST_IMAGE}, resources: { ${resources} }, run: ${JSON.stringify(run)} }\n`;
  const { result, stderr } = await exec(
    t,
    `taskGroup:
${task('memory', 'memory: 16MiB', 'tail /dev/zero')}
${task('processes', 'pids: 6', 'for i in 1 2 3 4 5 6 7 8 9; do sleep 9 & done')}
${task('files', 'nofile: 12', 'ulimit -n')}
${task('cpu', 'cpu: 0.5', 'cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us')}
`,
  );
  const reasons = Object.values(result?.results ?? {}).map(({ name, reason }) => `${name} ${reason}`);
  assert.deepEqual(reasons.slice(0, 2), ['memory oom_killed', 'processes exit_code'], stderr);
  assert.match(result?.results.memory?.message ?? '', /needed more than its memory of 16MiB/);
  assert.match(stderr, /files +\| 12\n/);
  assert.match(stderr, /cpu +\| 50000/);
});

test("Diego's result file is read after a success, and not after a failure", { skip }, async (t) => {
  const task = (name: string, code: number) =>
    `- { name: ${name}, image: ${TEST_IMAGE}, result_file: ${name}.txt, run: "echo made > ${name}.txt; exit ${code}" }\n`;
  const { result } = await exec(t, `taskGroup:\n${task('good', 0)}${task('bad', 1)}`);
  assert.deepEqual([result?.results.good?.result, result?.results.bad?.result], ['made\n', undefined]);
});

function exec(t: TestContext, text: string, args: readonly string[] = [], env = {}) {
  return execIn(new Sandbox(t), text, env, args);
}

function execIn(sandbox: Sandbox, text: string, env = {}, args: readonly string[] = []) {
  return sandbox.exec(text, args, { RUNNER_DOCKER_SOCKET: DOCKER_SOCKET, ...env });
}
