import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStyle } from '../../src/cli/print/style.ts';
import { type Column, tableText } from '../../src/cli/print/table.ts';

const COLUMNS: readonly Column[] = [
  { head: 'NAME' },
  { head: 'TIME', align: 'right', spare: 1 },
  { head: 'NOTE', spare: 2 },
];
const ROWS = [
  ['build', '12s', 'the first'],
  ['x', '3s', ''],
];
const PLAIN = createStyle(false);

test('columns are aligned, numbers on the right; what is empty is a dash', () => {
  assert.equal(
    tableText(COLUMNS, ROWS, Number.POSITIVE_INFINITY, PLAIN),
    'NAME   TIME  NOTE\nbuild   12s  the first\nx        3s  -\n',
  );
});

test('a narrow terminal loses columns, the most dispensable first, and at last the padding', () => {
  assert.equal(tableText(COLUMNS, ROWS, 21, PLAIN), 'NAME   TIME\nbuild   12s\nx        3s\n');
  assert.equal(tableText(COLUMNS, ROWS, 10, PLAIN), 'NAME\nbuild\nx\n');
  const wide: readonly Column[] = [{ head: 'A' }, { head: 'B' }];
  assert.equal(tableText(wide, [['long', 'longer']], 5, PLAIN), 'long longer\n');
});

test('cells are harmless, coloured after they are padded, and no rows are no table', () => {
  const style = createStyle(true);
  const evil = { text: 'a\x1b[2J\nb', paint: style.status('failed') };
  assert.equal(
    tableText([{ head: 'A' }, { head: 'B' }], [[evil, 'c']], 80, style).split('\n')[1],
    '\x1b[31ma b\x1b[0m  c',
  );
  assert.equal(tableText(COLUMNS, [], 80, PLAIN), '');
});
