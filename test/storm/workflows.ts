import { LEDGER_END, LEDGER_START } from '../support/ledger.ts';

/** What the workflows of a storm are made of. */
export interface StormMaterial {
  readonly ledger: string;
  /** The image of tasks in containers; null is a storm without them. */
  readonly image: string | null;
}

/** Workflows of every kind that write down what they do. `edition` is what an edit changes. */
export function stormWorkflows({ ledger, image }: StormMaterial, edition = 0): Readonly<Record<string, string>> {
  const head = `description: edition ${edition}\nenv: { LEDGER: ${JSON.stringify(ledger)} }\n`;
  const task = (name: string, work: string, more = '') =>
    `  - name: ${name}\n    run: |\n      ${LEDGER_START}\n      ${work}\n      ${LEDGER_END}\n${more && `    ${more}\n`}`;
  const box = `type: docker\n    spec: { image: ${image}, network: none, volumes: [{ source: ${ledger} }], command: `;
  const boxed = (name: string, work: string, more = '') =>
    `  - name: ${name}\n    ${box}${JSON.stringify([LEDGER_START, work, LEDGER_END].join('\n'))} }\n${more && `    ${more}\n`}`;
  const boxes = {
    box: `${head}taskGroup:\n${boxed('inside', 'sleep 0.5')}`,
    'box-late': `${head}taskGroup:\n${boxed('over', "trap '' TERM; sleep 30", 'timeout: 400ms')}`,
    'box-graph': `${head}taskGroup:
${boxed('first', 'echo "value=one" >> "$OUTPUT_FILE"', 'exports: [{ name: value }]')}
${task('second', 'test "{{ first.value }}" = one', 'imports: [{ from: first, variable: value }]')}
${boxed('last', 'sleep 0.1', 'depends_on: [{ task: second, when: always }]')}
`,
  };
  const group = (onConflict: string) =>
    `concurrency: { group: ${onConflict}, on_conflict: ${onConflict} }\n${head}taskGroup:\n${task('alone', 'sleep 0.3')}`;
  const fanOut = [
    `matrix: { n: [1, 2, 3, 4, 5], max_parallel: ${FAN.most} }`,
    'env: { COMBINATION: "(n={{ matrix.n }})" }',
    'exports: [{ name: value }]',
    'retry: { attempts: 2, on: [lost] }',
  ].join('\n    ');
  const plain = {
    tick: `on: { interval: [{ every: 1s, overlap: allow }] }\n${head}taskGroup:\n${task('beat', 'sleep 0.2')}`,
    shy: `on: { interval: [{ every: 1s, overlap: skip }] }\n${head}taskGroup:\n${task('slowly', 'sleep 1.3')}`,
    pushed: `on: { github: [{ repositories: [a/b], push: {} }] }\n${head}taskGroup:\n${task('built', 'sleep 0.1')}`,
    slow: `${head}taskGroup:\n${task('long', 'sleep 1.5')}`,
    late: `timeout: 2s\n${head}taskGroup:\n${task('over', 'sleep 30', 'timeout: 400ms')}${task('rest', 'sleep 30')}`,
    stubborn: `${head}taskGroup:\n${task('deaf', "trap '' TERM; sleep 0.7", 'retry: { attempts: 3, delay: 100ms, on: [lost, exit_code, signal] }')}`,
    many: `${head}taskGroup:\n${[1, 2, 3, 4, 5].map((n) => task(`part${n}`, `sleep 0.0${n}`)).join('')}`,
    [FAN.workflow]: `${head}taskGroup:
${task('part', 'echo "value={{ matrix.n }}" >> "$OUTPUT_FILE"; sleep 0.15', fanOut)}
${task('all', 'test "{{ join part.value " " }}" = "1 2 3 4 5"', 'imports: [{ from: part, variable: value }]')}
`,
    queue: group('queue'),
    skip: group('skip'),
    cancel: group('cancel_running'),
    call: `${head}taskGroup:
  - { name: called, type: workflow, spec: { workflow: ./graph.yml }, exports: [{ name: value }] }
${task('after', 'test "{{ called.value }}" = one', 'imports: [{ from: called, variable: value }]')}
  - { name: held, type: workflow, spec: { workflow: ./slow.yml }, timeout: 1s }
`,
    graph: `${head}taskGroup:
${task('first', 'echo "value=one" >> "$OUTPUT_FILE"; sleep 0.2', 'exports: [{ name: value, scope: global }]')}
${task('second', 'test "{{ first.value }}" = one', 'imports: [{ from: first, variable: value }]')}
${task('last', 'sleep 0.1', 'depends_on: [{ task: second, when: always }]')}
`,
  };
  if (image === null) return plain;
  // Fewer of the others, so that most of what happens happens to containers.
  const { pushed, tick, call, graph, slow } = plain;
  return { ...boxes, pushed, tick, call, graph, slow };
}

/** Those of which no two runs may overlap. */
export const EXCLUSIVE = ['queue', 'skip', 'cancel', 'shy'];

/** A matrix, and how many of its combinations may be at work at once. */
export const FAN = { workflow: 'fan', most: 2 };
