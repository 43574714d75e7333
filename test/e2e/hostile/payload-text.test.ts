import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_COMMIT, pullRequestOf, pushOf, siteWorkflow } from '../../support/github-bodies.ts';
import { Siege, taken } from '../../support/siege.ts';

const LIMIT = { timeout: 180_000 };

/** Puts a pull request's title to every place a template can stand in; each writes what it got to a file. */
const PLACES = `
on: { github: [{ repositories: [acme/site], pull_request: {} }] }
env: { TITLE: "{{ trigger.payload.pull_request.title }}" }
concurrency: { group: "{{ trigger.payload.pull_request.title }}", limit: 8 }
taskGroup:
  - { name: plain, run: "printf %s {{ trigger.payload.pull_request.title }} > plain" }
  - { name: double, run: 'printf %s "{{ trigger.payload.pull_request.title }}" > double' }
  - { name: branch, run: 'printf %s "{{ trigger.branch }}" > branch' }
  - { name: variable, run: 'printf %s "$TITLE" > env' }
  - name: here
    run: |
      cat > with-newline << EOF
      {{ trigger.payload.pull_request.title }}
      EOF
      head -c -1 with-newline > here
      rm with-newline
  - name: argv
    type: os_exec
    spec: { command: [sh, -c, 'printf %s "$1" > argv', sh, "{{ trigger.payload.pull_request.title }}"] }
  - name: file
    if: ne trigger.payload.pull_request.title "none"
    files: [{ path: given, text: "{{ trigger.payload.pull_request.title }}" }]
    run: cp given text
  - name: payload
    run: node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(process.env.RUNNER_EVENT_PATH)).pull_request.title)' > payload
  - name: exporter
    run: printf 'title=__B64__%s\\n' "$(printf %s "$TITLE" | base64 -w0)" >> "$OUTPUT_FILE"
    exports: [{ name: title }]
  - name: importer
    imports: [{ from: exporter, variable: title }]
    run: printf %s "{{ exporter.title }}" > imported
`;

const FILES = ['argv', 'branch', 'double', 'env', 'here', 'imported', 'payload', 'plain', 'text'];

/** Texts that would run, end a quotation or a command, or name an option, if anything took them for code. */
const HOSTILE = [
  '$(touch PWN)',
  '`touch PWN`',
  "'; touch PWN; #",
  '"; touch PWN; #',
  '\n touch PWN\n',
  '&& touch PWN',
  '| touch PWN',
  '${x:-$(touch PWN)}',
  '{{secrets.KEY}}',
  '{{ trigger.branch }}',
  '\\',
  "\\'$(touch PWN)",
  '--upload-pack=touch PWN',
  '-rf',
  '*',
  '~',
  '!!',
  '$IFS$9',
  '<(touch PWN)',
  'a\r\nb',
  '\u202e\u0007\u001b]52;c;eA==\u0007',
  'é\u0301\u{1f600}',
  'EOF\ntouch PWN\nEOF',
  "''''; touch PWN",
  '%s%n$0',
  '__proto__',
];

test('text from outside reaches every place as a value, and no place as code', LIMIT, async (t) => {
  const siege = await Siege.begin(t, { text: PLACES });
  const pwned = join(siege.sandbox.folder, 'pwned');
  const runs = await Promise.all(
    HOSTILE.map(async (text) => {
      const title = text.replaceAll('PWN', pwned);
      const answer = await siege.deliver({ event: 'pull_request', body: pullRequestOf('acme/site', title, title) });
      return { title, run: taken(answer)[0] ?? '' };
    }),
  );
  for (const { title, run } of runs) {
    const detail = await siege.daemon.wait(run);
    assert.equal(detail.status, 'success', JSON.stringify([title, detail.results]));
    const workspace = join(siege.sandbox.stateDir, 'runs', run, 'workspace');
    assert.deepEqual(readdirSync(workspace).sort(), FILES);
    for (const name of FILES) assert.equal(readFileSync(join(workspace, name), 'utf8'), title, name);
  }
  assert.equal(existsSync(pwned), false);
  await siege.survived();
});

test('a pull request of a fork, or of one that is gone, sees no secrets', LIMIT, async (t) => {
  const siege = await Siege.begin(t, { pr: siteWorkflow('echo "{{ secrets.KEY }}" | base64', 'secrets: [KEY]') });
  const value = 'the key to the house';
  await siege.daemon.ask('PUT', '/api/v1/secrets/KEY', { value });
  for (const [home, seen] of [
    ['acme/site', '***\n'],
    ['ACME/Site', '***\n'],
    ['evil/site', 'Cg==\n'],
    [null, 'Cg==\n'],
  ] as const) {
    const answer = await siege.deliver({ event: 'pull_request', body: pullRequestOf(home, 'please') });
    const [run = ''] = taken(answer);
    assert.equal((await siege.daemon.wait(run)).status, 'success');
    assert.equal(await siege.logOf(run, 'look'), seen, String(home));
  }
  await siege.survived();
});

test('deleted branches, tags, and bodies that lack what others have, have facts without holes', LIMIT, async (t) => {
  const facts = ['branch', 'tag', 'sha', 'sender', 'action'].map((name) => `{{ trigger.${name} }}`).join('|');
  const siege = await Siege.begin(t, { facts: siteWorkflow(`echo "${facts}"`) });
  const one = '1'.repeat(40);
  const repository = { full_name: 'acme/site' };
  for (const [event, body, seen] of [
    ['push', pushOf(), `main||${one}|someone|`],
    ['push', pushOf({ after: NO_COMMIT, deleted: true, head_commit: null }), 'main|||someone|'],
    ['push', pushOf({ ref: 'refs/tags/v1' }), `|v1|${one}|someone|`],
    ['push', pushOf({ ref: null, commits: null, sender: null }), `||${one}||`],
    ['push', pushOf({ ref: { a: 1 }, commits: [null, 1, 'x', { added: 7 }], after: [] }), '|||someone|'],
    ['create', JSON.stringify({ ref: 'v2', ref_type: 'tag', master_branch: 'main', repository }), '|v2|||'],
    ['delete', JSON.stringify({ ref: 'old', ref_type: 'branch', pusher_type: 'user', repository }), 'old||||'],
  ] as const) {
    const [run = ''] = taken(await siege.deliver({ event, body }));
    assert.equal((await siege.daemon.wait(run)).status, 'success', body);
    assert.equal(await siege.logOf(run, 'look'), `${seen}\n`, body);
  }
  await siege.survived();
});
