import { LEDGER_END, LEDGER_START } from '../support/ledger.ts';

/** Workflows of every kind that write down what they do. `edition` is what an edit changes. */
export function stormWorkflows(ledger: string, edition = 0): Readonly<Record<string, string>> {
  const head = `description: edition ${edition}\nenv: { LEDGER: ${JSON.stringify(ledger)} }\n`;
  const task = (name: string, work: string, more = '') =>
    `  - name: ${name}\n    run: |\n      ${LEDGER_START}\n      ${work}\n      ${LEDGER_END}\n${more && `    ${more}\n`}`;
  const group = (onConflict: string) =>
    `concurrency: { group: ${onConflict}, on_conflict: ${onConflict} }\n${head}taskGroup:\n${task('alone', 'sleep 0.3')}`;
  return {
    tick: `on: { interval: [{ every: 1s, overlap: allow }] }\n${head}taskGroup:\n${task('beat', 'sleep 0.2')}`,
    shy: `on: { interval: [{ every: 1s, overlap: skip }] }\n${head}taskGroup:\n${task('slowly', 'sleep 1.3')}`,
    pushed: `on: { github: [{ repositories: [a/b], push: {} }] }\n${head}taskGroup:\n${task('built', 'sleep 0.1')}`,
    slow: `${head}taskGroup:\n${task('long', 'sleep 1.5')}`,
    late: `timeout: 2s\n${head}taskGroup:\n${task('over', 'sleep 30', 'timeout: 400ms')}${task('rest', 'sleep 30')}`,
    stubborn: `${head}taskGroup:\n${task('deaf', "trap '' TERM; sleep 0.7", 'retry: { attempts: 3, delay: 100ms, on: [lost, exit_code, signal] }')}`,
    many: `${head}taskGroup:\n${[1, 2, 3, 4, 5].map((n) => task(`part${n}`, `sleep 0.0${n}`)).join('')}`,
    queue: group('queue'),
    skip: group('skip'),
    cancel: group('cancel_running'),
    outer: `${head}taskGroup: [{ name: call, type: workflow, spec: { workflow: ./graph.yml } }]\n`,
    graph: `${head}taskGroup:
${task('first', 'echo "value=one" >> "$OUTPUT_FILE"; sleep 0.2', 'exports: [{ name: value }]')}
${task('second', 'test "{{ first.value }}" = one', 'imports: [{ from: first, variable: value }]')}
${task('last', 'sleep 0.1', 'depends_on: [{ task: second, when: always }]')}
`,
  };
}

/** Those of which no two runs may overlap. */
export const EXCLUSIVE = ['queue', 'skip', 'cancel', 'shy'];
