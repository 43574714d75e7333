import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { sarifLog } from '../../src/cli/print/sarif.ts';
import { workflowCommands } from '../../src/cli/print/workflow-commands.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';

const place = { file: 'flows/a b%,:.yml', line: 3, column: 5, length: 2 };
const FINDING: Diagnostic = {
  code: 'unknown-key',
  severity: 'error',
  message: '100% wrong: a, b\r\nand c',
  place,
  excerpt: '    xx: 1',
  hint: 'write y',
  related: [{ message: 'first here', place: { ...place, line: 1 } }],
};
const REMARK: Diagnostic = { code: 'no-trigger', severity: 'info', message: 'by hand only', place };

test('SARIF has the structure of version 2.1.0', () => {
  const log = JSON.parse(sarifLog([FINDING, REMARK], '1.2.3', '/work'));
  const validate = new Ajv({ strict: false }).compile<unknown>(SARIF);
  const fits: boolean = validate(log);
  assert.ok(fits, JSON.stringify(validate.errors));
  const [run] = log.runs;
  assert.deepEqual(
    run.results.map((result: { level: string }) => result.level),
    ['error', 'note'],
  );
  for (const { ruleId, ruleIndex } of run.results) assert.equal(run.tool.driver.rules[ruleIndex].id, ruleId);
  const [{ physicalLocation }] = run.results[0].locations;
  assert.equal(physicalLocation.artifactLocation.uri, 'flows/a%20b%25%2C%3A.yml');
  assert.deepEqual(physicalLocation.region, { startLine: 3, startColumn: 5, endColumn: 7 });
  assert.equal(run.results[0].relatedLocations[0].message.text, 'first here');
});

test('SARIF names files outside of the current folder by their whole path', () => {
  const uri = (file: string): string =>
    JSON.parse(sarifLog([{ ...REMARK, place: { ...place, file } }], '1', '/work')).runs[0].results[0].locations[0]
      .physicalLocation.artifactLocation.uri;
  assert.equal(uri('../other/x.yml'), 'file:///other/x.yml');
  assert.equal(uri('/work/sub/x.yml'), 'sub/x.yml');
  assert.equal(uri('..x.yml'), '..x.yml');
});

test('a SARIF log without findings says that nothing was found', () => {
  assert.deepEqual(JSON.parse(sarifLog([], '1', '/')).runs[0].results, []);
});

test('workflow commands escape what would end them', () => {
  assert.equal(
    workflowCommands([FINDING, REMARK]),
    '::error file=flows/a b%25%2C%3A.yml,line=3,endLine=3,col=5,endColumn=7,title=unknown-key::100%25 wrong: a, b%0D%0Aand c%0Ahint: write y\n' +
      '::notice file=flows/a b%25%2C%3A.yml,line=3,endLine=3,col=5,endColumn=7,title=no-trigger::by hand only\n',
  );
});

/** What the specification demands of the parts we use. */
const MESSAGE = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string' } },
  additionalProperties: false,
};
const REGION = {
  type: 'object',
  properties: {
    startLine: { type: 'integer', minimum: 1 },
    startColumn: { type: 'integer', minimum: 1 },
    endColumn: { type: 'integer', minimum: 1 },
    snippet: MESSAGE,
  },
  additionalProperties: false,
};
const LOCATION = {
  type: 'object',
  properties: {
    physicalLocation: {
      type: 'object',
      required: ['artifactLocation'],
      properties: {
        artifactLocation: {
          type: 'object',
          required: ['uri'],
          properties: { uri: { type: 'string', pattern: '^[A-Za-z0-9%._~:/-]+$' } },
          additionalProperties: false,
        },
        region: REGION,
        contextRegion: REGION,
      },
      additionalProperties: false,
    },
    message: MESSAGE,
  },
  additionalProperties: false,
};
const RESULT = {
  type: 'object',
  required: ['message'],
  properties: {
    ruleId: { type: 'string' },
    ruleIndex: { type: 'integer', minimum: 0 },
    level: { enum: ['none', 'note', 'warning', 'error'] },
    message: MESSAGE,
    locations: { type: 'array', items: LOCATION },
    relatedLocations: { type: 'array', items: LOCATION },
  },
  additionalProperties: false,
};
const DRIVER = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    version: { type: 'string' },
    rules: { type: 'array', uniqueItems: true, items: { type: 'object', required: ['id'] } },
  },
  additionalProperties: false,
};
const RUN = {
  type: 'object',
  required: ['tool'],
  properties: {
    tool: { type: 'object', required: ['driver'], properties: { driver: DRIVER }, additionalProperties: false },
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    results: { type: 'array', items: RESULT },
  },
  additionalProperties: false,
};
const SARIF = {
  type: 'object',
  required: ['version', 'runs'],
  properties: { $schema: { type: 'string' }, version: { const: '2.1.0' }, runs: { type: 'array', items: RUN } },
  additionalProperties: false,
};
