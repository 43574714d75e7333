import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { get } from 'node:http';
import { test } from 'node:test';
import { Siege, WEBHOOK_SECRET } from '../../support/siege.ts';

/** Quotes, signs and letters that every way of writing a value has to change. */
const SECRET = `s3cr&t<"value">'with'%every+thing/in=it§`;
const EXPORTED = 'an exported value, confidential & long';

/** Ways in which a task may print a value, as programs write it; with `$V` in the environment. */
const PRINT = [
  'printf "%s\\n" "$V"',
  'printf "%s" "$V" | base64 -w0; echo',
  'printf "user:%s" "$V" | base64 -w0; echo',
  'printf "%s" "$V" | od -An -v -tx1 | tr -d " \\n"; echo',
  `node -e 'const v = process.env.V;
    console.log(encodeURIComponent(v)); console.log(JSON.stringify(v)); console.log(new URLSearchParams({ v }).toString());
    console.log(Buffer.from(v).toString("base64url"));
    console.log(v.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;"));'`,
  `node -e 'for (const c of process.env.V) require("fs").writeSync(1, c); require("fs").writeSync(2, "\\n" + process.env.V);'`,
];

/** The same forms, to look for. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    bytes.toString('base64').replace(/=+$/, '').slice(0, -1),
    bytes.toString('base64url').slice(0, -1),
    bytes.toString('hex'),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ];
}

const LEAKY = `
secrets: [KEY]
taskGroup:
  - name: print
    env: { V: "{{ secrets.KEY }}" }
    run: ${JSON.stringify(PRINT.join('\n'))}
  - name: export
    run: echo "value=$V" >> "$OUTPUT_FILE"; echo "key=$KEY" >> "$OUTPUT_FILE"; echo "::add-mask::x"; echo "::set-env name=PATH::/nowhere"
    env: { V: ${JSON.stringify(EXPORTED)}, KEY: "{{ secrets.KEY }}" }
    exports: [{ name: value, scope: global, confidential: true }, { name: key, scope: global, confidential: true }]
  - name: use
    imports: [{ from: export, variable: value }]
    env: { V: "{{ export.value }}" }
    run: ${JSON.stringify(PRINT.join('\n'))}
  - { name: fail, depends_on: use, run: 'false', env: { V: "{{ secrets.KEY }}" }, result_file: "{{ secrets.KEY }}" }
`;

test('no form of a secret is in an answer, an event, a log or a file of the daemon', {
  timeout: 120_000,
}, async (t) => {
  const siege = await Siege.begin(t, { leaky: LEAKY });
  const { daemon, sandbox } = siege;
  const events = listen(siege);
  await daemon.ask('PUT', '/api/v1/secrets/KEY', { value: SECRET });
  const run = await daemon.run('leaky');
  const { results } = await daemon.wait(run);
  assert.deepEqual([results.print.status, results.use.status, results.fail.status], ['success', 'success', 'failed']);
  assert.equal(await siege.logOf(run, 'export'), '::add-mask::x\n::set-env name=PATH::/nowhere\n');
  const tasks = ['print', 'export', 'use', 'fail'].flatMap((task) => [`${task}`, `${task}/log?offset=0`]);
  const paths = [
    ...tasks.map((task) => `/api/v1/runs/${run}/tasks/${task}`),
    ...['', '/definition'].map((part) => `/api/v1/runs/${run}${part}`),
    ...['workflows', 'workflows/leaky', 'workflows/leaky/next', 'next', 'runs', 'firings', 'secrets', 'status'].map(
      (name) => `/api/v1/${name}`,
    ),
    '/api/v1/doctor',
    '/api/v1/openapi.json',
    '/metrics',
    '/healthz',
    '/readyz',
    '/api/v1/nothing',
  ];
  const answers = await Promise.all(paths.map((path) => siege.get(path)));
  const definition = (path: string): boolean => path.endsWith('/definition');
  const told = answers.filter((_, index) => !definition(paths[index] ?? '')).map(({ body }) => JSON.stringify(body));
  const raw = answers
    .map(({ body }) => (typeof body === 'string' ? body : ''))
    .filter((_, index) => !definition(paths[index] ?? ''));
  const all = [...told, ...raw, events.text(), JSON.stringify(daemon.lines), daemon.stderr].join('\n');
  for (const value of [SECRET, EXPORTED, WEBHOOK_SECRET, sandbox.token]) {
    for (const form of formsOf(value)) {
      assert.equal(all.includes(form), false, `${form} was told`);
      assert.deepEqual(
        filesWith(sandbox.stateDir, form),
        value === sandbox.token && form === value ? ['token'] : [],
        form,
      );
    }
  }
  events.end();
  await siege.survived();
});

/** Names of the files below a folder that hold a text. */
function filesWith(folder: string, text: string): readonly string[] {
  const { stdout, status } = spawnSync('grep', ['-rlaF', '-e', text, '.'], { cwd: folder, encoding: 'utf8' });
  assert.ok(status === 0 || status === 1);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((name) => name.replace('./', ''));
}

function listen({ daemon, sandbox }: Siege): { text(): string; end(): void } {
  let text = '';
  const request = get(`${daemon.address}/api/v1/events`, { headers: { authorization: `Bearer ${sandbox.token}` } });
  request
    .on('error', () => undefined)
    .on('response', (response) => {
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('error', () => undefined);
    });
  return { text: () => text, end: () => void request.destroy() };
}
