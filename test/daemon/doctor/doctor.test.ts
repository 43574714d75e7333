import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Patient } from '../../../src/daemon/doctor/check.ts';
import { CHECKS, examine } from '../../../src/daemon/doctor/doctor.ts';
import { openState } from '../../../src/daemon/open-state.ts';
import type { Workflow } from '../../../src/model/workflow.ts';
import { createStateStore } from '../../../src/store/state-store.ts';
import { runRecord } from '../../support/state-records.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Well, but for what is given. */
async function patientOf(t: TestContext, more: Partial<Patient> = {}): Promise<Patient> {
  const folder = temporaryFolder(t);
  const opened = await openState(join(folder, 'state'));
  t.after(() => opened.database.close());
  const workflows = join(folder, 'workflows');
  mkdirSync(workflows, { mode: 0o755 });
  const config = {
    workflows: { path: workflows, shownAs: 'workflows' },
    listen: { host: '127.0.0.1', port: 8420 },
    behindProxy: false,
    github: { webhookSecrets: [] },
    disk: { minFreeBytes: 0, minFreePercent: 0 },
    osExec: { user: 'tasks' },
  };
  return {
    config: config as unknown as Patient['config'],
    opened,
    state: createStateStore(opened.database),
    now: Date.now(),
    catalog: { degraded: null, list: () => [] },
    executor: { pid: process.pid, list: async () => [] },
    missing: () => [],
    ...more,
  };
}

async function finding(patient: Patient, name: string) {
  const found = (await examine(patient)).find((one) => one.name === name);
  assert.ok(found);
  return found;
}

function entry(id: string, state: 'good' | 'stale' | 'invalid', triggers: readonly string[] = []) {
  const workflow = { triggers: triggers.map((kind) => ({ kind })) } as unknown as Workflow;
  return { id, file: `${id}.yml`, state, workflow: state === 'invalid' ? null : workflow, diagnostics: [] };
}

test('a daemon that is well has nothing but good findings', async (t) => {
  const findings = await examine(await patientOf(t));
  assert.deepEqual(
    findings.filter(({ level, name }) => level !== 'ok' && name !== 'open-files'),
    [],
  );
});

test('the manual lists every check, in order', () => {
  const names = [...readFileSync('docs/doctor.md', 'utf8').matchAll(/^\| `((?!docker)[\w-]+)` \|/gm)].map(
    (match) => match[1],
  );
  assert.deepEqual(names, Object.keys(CHECKS));
});

test('what others can read in the state folder is named, with the way to close it', async (t) => {
  const patient = await patientOf(t);
  chmodSync(patient.opened.folder.keyFile, 0o644);
  chmodSync(patient.opened.folder.runs, 0o750);
  const { level, message } = await finding(patient, 'state-folder');
  assert.equal(level, 'error');
  assert.ok(message.endsWith(`chmod go= ${patient.opened.folder.keyFile} ${patient.opened.folder.runs}`), message);
});

test('a loss and a full disk are errors', async (t) => {
  const well = await patientOf(t);
  const opened = { ...well.opened, loss: { after: 7, lost: 2 } };
  const config = { ...well.config, disk: { minFreeBytes: 1e18, minFreePercent: 0 } };
  const patient = { ...well, opened, config };
  assert.match((await finding(patient, 'database')).message, /number 7 .* are gone/);
  assert.deepEqual((await finding(patient, 'disk')).level, 'error');
});

test('an executor that cannot be asked is an error in its own words', async (t) => {
  const list = () => Promise.reject(new Error('the executor cannot be reached'));
  const { level, message } = await finding(await patientOf(t, { executor: { pid: null, list } }), 'executor');
  assert.deepEqual([level, message], ['error', 'cannot be looked at: the executor cannot be reached']);
});

test('a folder everybody may write to, one that cannot be read, and files with mistakes are errors', async (t) => {
  const open = await patientOf(t);
  chmodSync(open.config.workflows.path, 0o777);
  assert.match((await finding(open, 'workflows-folder')).message, /everybody may write .* chmod o-w /);
  const catalog = { degraded: 'gone', list: () => [entry('a', 'good'), entry('b', 'stale'), entry('c', 'invalid')] };
  const broken = await patientOf(t, { catalog });
  assert.match((await finding(broken, 'workflows-folder')).message, /^gone/);
  assert.match((await finding(broken, 'workflows')).message, /: b \(stale\), c \(invalid\);/);
});

test('secrets that are not to be had, and deliveries nobody takes in, are warnings', async (t) => {
  const catalog = { degraded: null, list: () => [entry('a', 'good', ['github'])] };
  const patient = await patientOf(t, { catalog, missing: () => ['TOKEN'] });
  assert.match((await finding(patient, 'secrets')).message, /TOKEN for a;/);
  assert.match((await finding(patient, 'webhook')).message, /^off, but a can only fire by it/);
});

test('a clock behind the records is an error, a schedule ahead of it a warning', async (t) => {
  const well = await patientOf(t);
  const at = Date.parse('2030-01-01T00:00:00Z');
  const record = runRecord(1);
  const header = { ...record.header, createdAt: at };
  const state = { activatedAt: at, watermark: at };
  await well.state
    .batch()
    .createRun({ ...record, header }, [])
    .setTriggerState('a', 'x', state)
    .commit();
  const patient = { ...well, now: at - 3_600_000 };
  assert.deepEqual((await finding(patient, 'clock')).level, 'error');
  assert.match((await finding(patient, 'triggers')).message, /a \(not before 2030-01-01T00:00:00/);
  const later = { ...well, now: at };
  for (const name of ['clock', 'triggers']) assert.equal((await finding(later, name)).level, 'ok');
});

test('tasks that run as the daemon, and an address the network sees, are warnings', async (t) => {
  const well = await patientOf(t);
  const config = { ...well.config, osExec: { user: null }, listen: { host: '0.0.0.0', port: 1 } };
  const patient = { ...well, config };
  assert.match((await finding(patient, 'task-user')).message, /os_exec\.user names another/);
  assert.match((await finding(patient, 'listen-address')).message, /the network sees/);
  const proxied = { ...well, config: { ...config, behindProxy: true } };
  assert.equal((await finding(proxied, 'listen-address')).level, 'ok');
});
