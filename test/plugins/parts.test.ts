import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Notice } from '../../src/model/extension.ts';
import type { Clock } from '../../src/model/ports.ts';
import type { Occasion, TriggerHost } from '../../src/model/trigger.ts';
import type { PluginSet } from '../../src/plugins/load-plugins.ts';
import { systemClock } from '../../src/util/clock.ts';
import { AlarmClock } from '../../src/util/wall-clock.ts';
import { HeldClock } from '../support/held-clock.ts';
import { driverSource, PluginRig } from '../support/plugin-rig.ts';
import { until } from '../support/until.ts';
import { WatchedIO } from '../support/watched-io.ts';

const FINE = "return { exports: { word: 'fine' } };";

/** A plugin with these parts, and one beside it that is fine and has to stay so. */
async function loaded(t: TestContext, parts: string, clock: Clock = systemClock) {
  const rig = new PluginRig(t);
  const begun = join(rig.folder, 'begun');
  rig.writeExecutable('fine');
  const begin = `const begin = () => process.getBuiltinModule('fs').writeFileSync('${begun}', '');`;
  rig.write('x.js', `${begin}\nexport default { api: 1, ${parts} };`);
  const set = await rig.load({}, clock);
  assert.deepEqual(set.broken, []);
  const stillFine = async (): Promise<void> => {
    const exit = await rig.driver(set, 'fine').run(rig.job('fine'), new WatchedIO());
    assert.deepEqual(exit, { kind: 'exited', code: 0 });
  };
  /** Resolves once something in the plugin has called `begin`. */
  const hasBegun = (): Promise<void> => until(() => existsSync(begun));
  return { rig, set, stillFine, hasBegun };
}

const NOTICE: Notice = {
  id: 'run/0',
  when: 'failure',
  spec: {},
  run: {
    id: 'run',
    number: 1,
    workflow: 'w',
    trigger: 'manual',
    status: 'failed',
    reason: null,
    created_at: '',
    ended_at: '',
    results: {},
  },
};

/** Has the first notifier tell of the notice. */
function tell(set: PluginSet, notice = NOTICE): Promise<void> {
  const [notifier] = set.notifiers;
  assert.ok(notifier);
  return notifier.notify(notice);
}

const LOOP = 'for (;;);';
const NEVER = 'return new Promise(() => {});';

test('a notifier gets the notice as it is', async (t) => {
  const { set } = await loaded(
    t,
    "notifiers: [{ type: 'n', schema: {}, async notify(notice) { throw new Error(JSON.stringify(notice)); } }]",
  );
  await assert.rejects(tell(set), { message: `Error: ${JSON.stringify(NOTICE)}` });
});

test('a notice whose spec does not fit once it is rendered is not told', async (t) => {
  const schema = "{ type: 'object', properties: { to: { type: 'string', minLength: 1 } } }";
  const { set } = await loaded(t, `notifiers: [{ type: 'n', schema: ${schema}, async notify() {} }]`);
  await assert.rejects(tell(set, { ...NOTICE, spec: { to: '' } }), /spec\.to must NOT have fewer/);
  await tell(set, { ...NOTICE, spec: { to: 'me' } });
});

for (const [what, body] of [
  ['loops', LOOP],
  ['never ends', NEVER],
] as const) {
  test(`a notifier that ${what} is given up, and another plugin is not touched by it`, async (t) => {
    const parts = `notifiers: [{ type: 'n', schema: {}, async notify() { begin(); ${body} } }]`;
    const clock = new HeldClock(30, 1);
    const { set, rig, stillFine, hasBegun } = await loaded(t, parts, clock);
    const before = rig.processes();
    const told = tell(set);
    told.catch(() => {});
    await hasBegun();
    clock.pass();
    await assert.rejects(told, /did not answer within 30 s/);
    await until(() => before.some((pid) => !rig.processes().includes(pid)));
    await stillFine();
  });
}

const NAMES = ['A', 'B'];
const ASKER = { workflow: 'w', namespace: '' };

for (const [what, body, answer] of [
  ['some of them', "return { A: 'a', C: 'c' };", [['A', 'a']]],
  ['a list', 'return [];', /must answer with an object/],
  ['a number', 'return { B: 1 };', /the value of B must be a text that is not empty/],
  ['nothing for a name', "return { A: '' };", /the value of A must be a text that is not empty/],
  ['NUL', "return { A: 'a\\0' };", /without NUL/],
  ['an error', "throw new Error('sealed');", /^Error: sealed$/],
  ['an end', 'process.exit(3);', /its process died: exit code 3/],
] as const) {
  test(`secrets that answer with ${what} are ${answer instanceof RegExp ? 'an error' : 'taken'}`, async (t) => {
    const { set, stillFine } = await loaded(t, `secrets: { async get() { ${body} } }`);
    const got = set.secrets[0]?.get(NAMES, ASKER) ?? Promise.reject(new Error('no secrets'));
    if (answer instanceof RegExp) await assert.rejects(got, (error: Error) => answer.test(error.message));
    else assert.deepEqual([...(await got)], answer);
    await stillFine();
  });
}

test('what helpers answer is JSON, whatever they return', async (t) => {
  const parts = `helpers: {
    same: (x) => x, later: async (x) => x, nothing() {}, odd: () => NaN, f: () => () => 1, deep: () => ({ a: [1] }),
    huge: () => 'x'.repeat(70_000_000), ring() { const a = {}; a.a = a; return a; },
  }`;
  // Seventy megabytes take their time on a busy machine.
  const patient: Clock = { ...systemClock, after: (ms, call) => systemClock.after(12 * ms, call) };
  const { set, stillFine } = await loaded(t, parts, patient);
  const ask = (name: string, ...values: readonly string[]) => set.helpers.get(name)?.(values);
  assert.equal(await ask('same', 'a "$x"'), 'a "$x"');
  assert.equal(await ask('later', 'b'), 'b');
  for (const name of ['nothing', 'odd', 'f']) assert.equal(await ask(name), null, name);
  assert.deepEqual(await ask('deep'), { a: [1] });
  await assert.rejects(ask('huge') ?? Promise.resolve(), /a message has at most \d+ bytes/);
  await assert.rejects(ask('ring') ?? Promise.resolve(), /circular/);
  await stillFine();
});

test('a helper that loops is given up', async (t) => {
  const clock = new HeldClock(5, 1);
  const { set, stillFine, hasBegun } = await loaded(t, 'helpers: { loops() { begin(); for (;;); } }', clock);
  const asked = set.helpers.get('loops')?.([]) ?? Promise.resolve();
  asked.catch(() => {});
  await hasBegun();
  clock.pass();
  await assert.rejects(asked, /^Error: it did not answer within 5 s$/);
  await stillFine();
});

/** Arms the trigger of a loaded plugin with one entry. */
function arm(t: TestContext, set: PluginSet, decide: TriggerHost['decide']) {
  const troubles: string[] = [];
  const trigger = set.triggers[0]?.create((kind, message) => troubles.push(`${kind}: ${message}`));
  const handle = trigger?.arm(
    { kind: 'k', identity: 'k-1', spec: { place: 'here' } },
    {
      clock: new AlarmClock(systemClock),
      state: { activatedAt: 0, watermark: null },
      decide,
      onDelivery: () => {},
    },
  );
  t.after(() => handle?.dispose());
  return { troubles, dispose: () => handle?.dispose() };
}

function watching(body: string): string {
  return `triggers: [{ kind: 'k', schema: {}, async watch(entry, { signal, fire }) {
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    ${body}
  } }]`;
}

test('a firing becomes an occasion, and is acknowledged once that is kept', async (t) => {
  const { set } = await loaded(
    t,
    watching(
      "await fire({ id: '1', event: entry.place }); await fire({ id: '2', secrets: false, payload: [1] }); await aborted;",
    ),
  );
  const seen: Occasion[] = [];
  let keep = (): void => {};
  arm(t, set, (occasions) => {
    seen.push(...occasions);
    return new Promise((resolve) => {
      keep = resolve;
    });
  });
  await until(() => seen.length === 1);
  keep();
  await until(() => seen.length === 2);
  keep();
  const brief = seen.map(
    ({ key, verdict }) =>
      verdict.kind === 'fire' && [key, verdict.withSecrets, verdict.firing.event, verdict.firing.payload],
  );
  assert.deepEqual(brief, [
    ['1', true, 'here', {}],
    ['2', false, '', [1]],
  ]);
});

test('what could not be kept is the plugin told, and it may fire it again', async (t) => {
  const { set } = await loaded(
    t,
    watching(
      "for (;;) { try { await fire({ id: '1' }); break; } catch (error) { if (error.message !== 'the disk is full') throw error; } } await aborted;",
    ),
  );
  let tries = 0;
  const { troubles } = arm(t, set, async () => {
    if (++tries < 3) throw new Error('the disk is full');
  });
  await until(() => tries === 3);
  assert.deepEqual(troubles, []);
});

for (const [firing, problem] of [
  ['', 'a firing must be an object'],
  ['5', 'a firing must be an object'],
  ['{}', 'the id of a firing must be a text of up to 200 characters'],
  ["{ id: 'x'.repeat(201) }", 'the id of a firing must be a text of up to 200 characters'],
  ["{ id: '1', branches: 'x' }", 'a firing has no "branches"; it has'],
  ["{ id: '1', branch: 5 }", '"branch" of a firing must be a text'],
  ["{ id: '1', secrets: 'no' }", '"secrets" of a firing must be true or false'],
] as const) {
  test(`the firing ${firing || 'of nothing'} is refused, and decides nothing`, async (t) => {
    const { set, stillFine } = await loaded(t, watching(`await fire(${firing});`));
    const { troubles } = arm(t, set, () => assert.fail('nothing should be decided'));
    await until(() => troubles.length > 0);
    assert.ok(troubles[0]?.startsWith(`k: Error: ${problem}`), troubles[0]);
    await stillFine();
  });
}

for (const [what, body, problem] of [
  ['ends', '', 'k: it stopped watching'],
  ['throws', "throw new Error('no network');", 'k: Error: no network'],
  ['dies', 'process.exit(4);', 'k: its process died: exit code 4'],
] as const) {
  test(`a watch that ${what} is told, and begun again`, async (t) => {
    const { set, stillFine } = await loaded(t, watching(body));
    const { troubles } = arm(t, set, async () => {});
    await until(() => troubles.length > 1);
    assert.deepEqual(troubles.slice(0, 2), [problem, problem]);
    await stillFine();
  });
}

test('a watch that is not wanted any more is told so; one that does not listen costs its process', async (t) => {
  const clock = new HeldClock(5);
  const { set, rig, hasBegun } = await loaded(t, watching("await fire({ id: 'on' }); begin(); for (;;);"), clock);
  const before = rig.processes();
  const { dispose, troubles } = arm(t, set, async () => {});
  await hasBegun();
  dispose();
  clock.pass();
  await until(() => before.some((pid) => !rig.processes().includes(pid)));
  assert.deepEqual(troubles, []);
});

test('of two plugins with one trigger, notifier or helper the second cannot be used; secrets may come from many', async (t) => {
  const rig = new PluginRig(t);
  const parts = {
    trigger: "triggers: [{ kind: 'same', schema: {}, watch() {} }]",
    notifier: "notifiers: [{ type: 'same', schema: {}, notify() {} }]",
    helper: 'helpers: { same() {} }',
    secret: 'secrets: { get() {} }',
  };
  for (const [name, part] of Object.entries(parts)) {
    for (const place of ['a', 'b']) rig.write(`${name}-${place}.js`, `export default { api: 1, ${part} };`);
  }
  const set = await rig.load();
  assert.deepEqual(
    set.broken.map(({ reason }) => reason),
    ['helper', 'notifier', 'trigger'].map((part) => `the ${part} "same" comes from the plugin "${part}-a" already`),
  );
  assert.equal(set.secrets.length, 2);
});

for (const [what, bytes] of [
  ['what is no frame', "'garbage garbage garbage'"],
  ['what is no JSON', "frame('nonsense')"],
  ['what is no message', "frame('{}')"],
  ['an end without a reply', `frame('{"type":"ended","id":1}')`],
  ['an error without words', `frame('{"type":"threw","id":1,"failure":{}}')`],
  ['output without bytes', `frame('{"type":"output","id":1,"stream":"stdout"}')`],
  ['output to nowhere', `frame('{"type":"output","id":1,"stream":"x","base64":""}')`],
  ['a firing without a number', `frame('{"type":"fire","id":1}')`],
] as const) {
  test(`a plugin that says ${what} on our channel is ended, and its job has failed`, async (t) => {
    const rig = new PluginRig(t);
    const frame =
      'const frame = (text) => { const head = Buffer.alloc(4); head.writeUInt32BE(text.length); return head + text; };';
    rig.writeDriver(
      'x',
      `${frame} (await import('node:fs')).writeSync(3, ${bytes}, null, 'latin1'); await new Promise(() => {});`,
    );
    const set = await rig.load();
    const exit = await rig.driver(set, 'x').run(rig.job('x'), new WatchedIO());
    assert.match(
      exit.kind === 'failed' ? exit.message : '',
      /died while it ran this task: it said what cannot be understood/,
    );
  });
}

test('a process of another version of the program is not spoken to', async (t) => {
  const rig = new PluginRig(t);
  rig.writeDriver('x', FINE);
  const text = JSON.stringify({ type: 'loaded', version: 1, description: {} });
  const host = rig.write(
    '.old-host.cjs',
    `const head = Buffer.alloc(4); head.writeUInt32BE(${text.length});
    require('node:fs').writeSync(3, head + '${text}', null, 'latin1'); setInterval(() => {}, 1e9);`,
  );
  const env = { PATH: process.env.PATH ?? '' };
  const set = await rig.load({ command: { argv: [process.execPath, host], env } });
  assert.match(set.broken[0]?.reason ?? '', /the program was replaced while it ran; start it again/);
});

test('what a plugin prints while it is loaded is bounded, and told when it cannot be used', async (t) => {
  const rig = new PluginRig(t);
  rig.write(
    'x.js',
    "process.stdout.write('x'.repeat(5_000_000) + 'the end'); await new Promise((r) => setTimeout(r, 50)); process.exit(2);",
  );
  const [broken] = (await rig.load()).broken;
  assert.match(broken?.reason ?? '', /exit code 2/);
  assert.ok((broken?.details.length ?? 0) <= 2_000);
});

for (const signal of ['start', 'destroy'] as const) {
  test(`a plugin that throws when it is told "${signal}" harms nothing but itself`, async (t) => {
    const rig = new PluginRig(t);
    rig.writeDriver('fine', FINE);
    rig.writeDriver('x', FINE, `signal(s) { if (s === '${signal}') throw new Error('no'); }`);
    const set = await rig.load();
    const run = (type: string) => rig.driver(set, type).run(rig.job(type), new WatchedIO());
    if (signal === 'start') await until(() => set.states().some(({ problem }) => problem === 'exit code 70'));
    assert.deepEqual(await run('fine'), { kind: 'exited', code: 0 });
    await set.close();
    assert.deepEqual(rig.processes(), []);
  });
}

test('a plugin that a symbolic link beside it stands for is found, one that leads out is not', async (t) => {
  const rig = new PluginRig(t);
  rig.write('.real/x.js', driverSource('x', FINE));
  const { symlinkSync } = await import('node:fs');
  symlinkSync(join(rig.plugins, '.real/x.js'), join(rig.plugins, 'y.js'));
  const set = await rig.load();
  assert.deepEqual([set.broken, set.drivers.length], [[], 1]);
});
