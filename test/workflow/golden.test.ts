import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatDiagnostics } from '../../src/workflow/print-diagnostic.ts';
import { diagnose, loadText } from '../support/load-text.ts';

const golden = 'test/golden/';
const update = process.env.UPDATE_GOLDEN === '1';

for (const folder of ['err', 'seed']) {
  for (const name of namesIn(folder)) {
    test(`golden/${folder}/${name} is printed as recorded`, async () => {
      const bytes = readFileSync(`${golden}${folder}/${name}.yaml`);
      const { workflow } = await loadText(bytes);
      const printed = formatDiagnostics(await diagnose(bytes, `${name}.yaml`), { color: false });
      const expected = `${golden}${folder}/${name}.out`;
      if (update) writeFileSync(expected, printed);
      assert.equal(printed, readFileSync(expected, 'utf8'));
      assert.notEqual(printed, '');
      assert.equal(workflow === null, / error: /.test(printed));
    });
  }
}

for (const name of namesIn('ok')) {
  test(`golden/ok/${name} loads without a word`, async () => {
    const bytes = readFileSync(`${golden}ok/${name}.yaml`);
    const loud = (await diagnose(bytes)).filter(({ severity }) => severity !== 'info');
    assert.deepEqual(loud, []);
    assert.ok((await loadText(bytes)).workflow);
  });
}

function namesIn(folder: string): string[] {
  const files = readdirSync(golden + folder).filter((file) => file.endsWith('.yaml'));
  return files.map((file) => file.replace(/\.yaml$/, '')).sort();
}
