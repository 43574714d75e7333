import type { CheckedFile } from './check.ts';
import { judgeSpec, reportMissing } from './judge-spec.ts';

/** Whoever is to be told can be, and what is said of them is what they want. */
export function checkNotify(file: CheckedFile): void {
  for (const [position, { type: name, spec }] of (file.data.notify ?? []).entries()) {
    const path = ['notify', position];
    const type = file.notifiers.get(name);
    if (type === undefined) {
      const missing = { what: 'notifier', code: 'unknown-type', known: [...file.notifiers.keys()] };
      reportMissing(file, file.at(...path, 'type'), name, missing);
    } else if (spec !== undefined) {
      judgeSpec(file, [...path, 'spec'], type, spec, `the spec of ${name}`);
    } else if (type.validate({}).length > 0) {
      file.reporter.error('missing-key', file.at(...path, 'type'), `the notifier "${name}" needs a "spec"`);
    }
  }
}
