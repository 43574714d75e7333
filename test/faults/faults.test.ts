/**
 * Lets the Nth commit, file write or spawn of the real program fail, or end the process, while it does what users ask of it.
 * Plain: one a scenario at random, `FAULT_SEED` repeats them. With `FAULTS=all`: N = 1, 2, 3 … until each scenario passes untouched.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapLimited } from '../../src/util/map-limited.ts';
import { randomFrom } from '../support/random.ts';
import { faultsIn, playWithFault } from './fault-case.ts';
import { SCENARIOS } from './scenarios.ts';

const all = process.env.FAULTS === 'all';
const seed = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000);

/** How many scenarios are played at once; most of the time they wait. */
const AT_ONCE = 3;

/** The highest N of a short test. */
const FEW = 12;

if (all) {
  for (const scenario of SCENARIOS) {
    const { name, skip } = scenario;
    test(`every promise is kept whatever fails first during: ${name}`, { skip }, async (t) => {
      const complaints = await mapLimited(faultsIn(scenario), AT_ONCE, async (fault) => {
        for (let nth = 1; ; nth++) {
          const report = await playWithFault(t, scenario, fault, nth);
          if (report.complaints.length > 0) return [`${fault}:${nth}: ${report.complaints.join('; ')}`];
          if (report.wasReached) continue;
          t.diagnostic(`${fault}: ${nth - 1} places`);
          return [];
        }
      });
      assert.deepEqual(complaints.flat(), []);
    });
  }
} else {
  test(`every promise is kept when something fails once (FAULT_SEED=${seed})`, async (t) => {
    const random = randomFrom(seed);
    const cases = SCENARIOS.filter(({ skip }) => !skip).map((scenario) => {
      const faults = faultsIn(scenario);
      const fault = faults[Math.floor(random() * faults.length)] ?? '';
      return { scenario, fault, nth: random() < 0.5 ? 1 : 1 + Math.floor(random() * FEW) };
    });
    const reports = await mapLimited(cases, AT_ONCE, async ({ scenario, fault, nth }) => {
      const { complaints, wasReached } = await playWithFault(t, scenario, fault, nth);
      const missing = nth === 1 && !wasReached ? ['the fault did not come'] : [];
      return [...complaints, ...missing].map((complaint) => `${scenario.name} ${fault}:${nth}: ${complaint}`);
    });
    assert.deepEqual(reports.flat(), []);
  });
}
