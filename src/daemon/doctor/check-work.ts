import { statSync } from 'node:fs';
import { isoTime } from '../run-view.ts';
import { type Check, error, ok, type Patient, some, warning } from './check.ts';

/** How far clocks may be apart before it is worth a word, in ms. */
const TOLERANCE_MS = 60_000;

/** The folder can be read, and not everybody may put something there. */
export const workflowsFolder: Check = ({ catalog, config: { workflows: folder } }) => {
  if (catalog.degraded !== null) return error(`${catalog.degraded}; all workflows stay as they were`);
  const isOpen = (statSync(folder.path).mode & 0o002) !== 0;
  if (isOpen)
    return error(`everybody may write to ${folder.path}, and what stands there is run: chmod o-w ${folder.path}`);
  return ok(folder.path);
};

/** All files are in order. */
export const workflows: Check = ({ catalog }) => {
  const entries = catalog.list();
  const wrong = entries.filter(({ state }) => state !== 'good').map(({ id, state }) => `${id} (${state})`);
  if (wrong.length > 0) return error(`files with mistakes: ${some(wrong)}; see runner workflows`);
  return ok(`${entries.length} in order`);
};

/** Every secret that is declared is there. */
export const secrets: Check = ({ catalog, missing }) => {
  const absent = catalog.list().flatMap(({ id, workflow }) => {
    return workflow ? missing(workflow).map((name) => `${name} for ${id}`) : [];
  });
  if (absent.length === 0) return ok('all that are declared are stored');
  return warning(`declared, but not to be had: ${some(absent)}; runner secret set NAME`);
};

/** No schedule waits for a time that was reached by a clock that was wrong. */
export const triggers: Check = async ({ state, now }) => {
  const late: string[] = [];
  for (const [id, states] of await state.triggerStates()) {
    for (const { watermark, activatedAt } of states.values()) {
      const from = Math.max(watermark ?? 0, activatedAt);
      if (from > now + TOLERANCE_MS) late.push(`${id} (not before ${isoTime(from)})`);
    }
  }
  if (late.length === 0) return ok('no schedule is ahead of the clock');
  return warning(
    `decided already for times to come, as the clock was ahead: ${some(late)}; change its entry under on to begin anew`,
  );
};

/** The clock goes on from where it was when the newest record was made. */
export const clock: Check = async (patient) => {
  const newest = await newestRecord(patient);
  if (newest <= patient.now + TOLERANCE_MS) return ok(isoTime(patient.now));
  return error(
    `the clock says ${isoTime(patient.now)}, but the newest record is of ${isoTime(newest)}: is the time synchronised (NTP)?`,
  );
};

async function newestRecord({ state }: Patient): Promise<number> {
  const [run] = (await state.runs({ limit: 1 })).runs;
  const [firing] = await state.firings({ limit: 1 });
  const [audit] = await state.audits({ limit: 1 });
  return Math.max(run?.header.createdAt ?? 0, firing?.at ?? 0, audit?.at ?? 0);
}
