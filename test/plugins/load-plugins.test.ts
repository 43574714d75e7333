import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Clock } from '../../src/model/ports.ts';
import { HeldClock } from '../support/held-clock.ts';
import { driverSource, PluginRig } from '../support/plugin-rig.ts';
import { until } from '../support/until.ts';

const FINE = "return { exports: { word: 'fine' } };";

/** What stands in the folder cannot be used; a plugin beside it can. */
async function reasonOf(t: TestContext, write: (rig: PluginRig) => void, clock?: Clock): Promise<string> {
  const rig = new PluginRig(t);
  rig.writeExecutable('fine');
  write(rig);
  const set = await rig.load({}, clock);
  assert.deepEqual(
    set.drivers.map(({ type }) => type.type),
    ['fine'],
  );
  assert.equal(set.broken.length, 1, JSON.stringify(set.broken));
  await until(() => rig.processes().length === 0);
  return `${set.broken[0]?.file}: ${set.broken[0]?.reason}`;
}

const BROKEN: Readonly<Record<string, readonly [file: string, text: string, reason: RegExp]>> = {
  'a syntax error': ['x.js', '\n\nexport default {{', /^plugins\/x\.js: SyntaxError: .*\(line 3\)/],
  'a module that throws': ['x.js', "throw new TypeError('no luck');", /TypeError: no luck/],
  'a module that exits': ['x.js', 'process.exit(3);', /it ended at once: exit code 3/],
  'a module that kills itself': ['x.js', "process.kill(process.pid, 'SIGSEGV');", /ended by SIGSEGV/],
  'a module without a plugin': ['x.js', 'export const a = 1;', /no default export/],
  ...(process.features && 'typescript' in process.features
    ? {}
    : {
        'TypeScript where nothing reads it': [
          'x.ts',
          'const name: string = "x"; export default { name };',
          /does not read TypeScript, .* compile it to \.js, or install esbuild beside it/,
        ] as const,
      }),
  'a missing import': ['x.js', "import 'nowhere-to-be-found';", /Cannot find package/],
  'another version of the interface': ['x.js', 'export default { api: 2 };', /made for version 2 .* has version 1/],
  'no version of the interface': ['x.js', 'export default {};', /"api: 1"/],
  'no drivers': ['x.js', 'export default { api: 1, drivers: [] };', /"drivers" must be a list/],
  'nothing at all': [
    'x.js',
    'export default { api: 1, name: "x" };',
    /it brings nothing: a plugin has drivers, triggers/,
  ],
  'a part that is not built yet': ['x.js', 'export default { api: 1, objects: {} };', /"objects" .* not supported yet/],
  'a driver that cannot run': ['x.js', 'export default { api: 1, drivers: [{ type: "x" }] };', /has no function "run"/],
  'a trigger that cannot watch': [
    'x.js',
    'export default { api: 1, triggers: [{ kind: "x" }] };',
    /no function "watch"/,
  ],
  'a notifier that cannot notify': ['x.js', 'export default { api: 1, notifiers: [{}] };', /no function "notify"/],
  'secrets that cannot be got': ['x.js', 'export default { api: 1, secrets: {} };', /no function "get"/],
  'a helper that is none': ['x.js', 'export default { api: 1, helpers: { a: 1 } };', /helper "a" is no function/],
  'a helper with an odd name': [
    'x.js',
    "export default { api: 1, helpers: { 'a-b'() {} } };",
    /name of a helper must fit/,
  ],
  'a helper of ours': [
    'x.js',
    'export default { api: 1, helpers: { eq() {} } };',
    /"eq" comes from the program itself/,
  ],
  'a trigger of ours': [
    'x.js',
    'export default { api: 1, triggers: [{ kind: "github", schema: {}, watch() {} }] };',
    /the trigger "github" comes from the program itself already/,
  ],
  'a type twice': [
    'x.js',
    'const x = { type: "x", schema: {}, run() {} }; export default { api: 1, drivers: [x, x] };',
    /it brings the type "x" twice/,
  ],
  'a type that cannot be one': [
    'x.js',
    'export default { api: 1, drivers: [{ type: "A B", run() {} }] };',
    /"type" must fit/,
  ],
  'no schema': ['x.js', 'export default { api: 1, drivers: [{ type: "x", run() {} }] };', /needs the JSON Schema/],
  'a schema that is none': [
    'x.js',
    'export default { api: 1, drivers: [{ type: "x", schema: { type: "nonsense" }, run() {} }] };',
    /the schema of the type "x" cannot be used/,
  ],
  'a description that is no data': ['x.js', 'const a = { api: 1 }; a.drivers = [a]; export default a;', /circular/],
  'a type of the program': ['x.js', driverSource('os_exec', FINE), /"os_exec" comes from the program itself already/],
  'an empty folder': ['x/README', 'nothing', /no index\.js/],
  'an executable that fails': ['x', '#!/bin/sh\necho no >&2; exit 4\n', /"describe" failed: exit code 4/],
  'an executable that prints nonsense': ['x', '#!/bin/sh\necho nonsense\n', /no JSON: nonsense/],
  'an executable without an interpreter': ['x', '#!/nowhere\n', /cannot be started|exit code 127/],
};

for (const [what, [file, text, reason]] of Object.entries(BROKEN)) {
  test(`${what} is told, and nothing else is touched by it`, async (t) => {
    const mode = file === 'x' ? 0o755 : 0o644;
    assert.match(await reasonOf(t, (rig) => rig.write(file, text, mode)), reason);
  });
}

for (const [what, file, text, reason] of [
  ['a plugin that never finishes loading', 'x.js', 'await new Promise((r) => setTimeout(r, 1e9));', /loading it took/],
  ['a plugin that loops while it is loaded', 'x.js', 'for (;;);', /loading it took/],
  ['an executable that never describes itself', 'x', 'sleep 1000', /describing itself took/],
] as const) {
  test(`${what} is given up`, async (t) => {
    const clock = new HeldClock(10);
    let begun = '';
    const given = reasonOf(
      t,
      (rig) => {
        begun = join(rig.folder, 'begun');
        const isModule = file === 'x.js';
        const begin = isModule
          ? `process.getBuiltinModule('fs').writeFileSync('${begun}', '');`
          : `#!/bin/sh\n: > ${begun}`;
        rig.write(file, `${begin}\n${text}\n`, isModule ? 0o644 : 0o755);
      },
      clock,
    );
    // The plugin beside it has loaded by then.
    await until(() => existsSync(begun) && clock.waiting === 1);
    clock.pass();
    const words = await given;
    assert.match(words, reason);
    assert.match(words, /more than 10 s$/);
  });
}

test('of two plugins with one name the second cannot be used', async (t) => {
  const write = (rig: PluginRig) => rig.write('twin.js', driverSource('fine', FINE));
  assert.match(await reasonOf(t, write), /another plugin called "fine"/);
});

test('of two plugins with one type the second cannot be used', async (t) => {
  const source = driverSource('fine', FINE).replace("name: 'fine'", "name: 'other'");
  assert.match(
    await reasonOf(t, (rig) => rig.write('other.js', source)),
    /"fine" comes from the plugin "fine" already/,
  );
});

test('a plugin others can change is not loaded', async (t) => {
  for (const mode of [0o666, 0o664]) {
    assert.match(await reasonOf(t, (rig) => rig.write('x.js', 'x', mode)), /others can change .*x\.js: chmod go-w/);
  }
});

test('a folder with one file that others can change is not loaded', async (t) => {
  const write = (rig: PluginRig): void => {
    rig.write('x/index.js', driverSource('x', FINE));
    rig.write('x/lib/part.js', '', 0o666);
  };
  assert.match(await reasonOf(t, write), /others can change .*part\.js/);
});

test('a folder of plugins that others can change is not used at all', async (t) => {
  const rig = new PluginRig(t);
  rig.writeDriver('fine', FINE);
  chmodSync(rig.plugins, 0o777);
  const set = await rig.load();
  assert.deepEqual(set.drivers, []);
  assert.match(set.broken[0]?.reason ?? '', /others can change/);
  assert.deepEqual(rig.processes(), []);
});

test('a plugin of another user is not loaded', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can give files away');
  const write = (rig: PluginRig) => chownSync(rig.write('x.js', driverSource('x', FINE)), 12_345, 12_345);
  assert.match(await reasonOf(t, write), /belongs to another user \(uid 12345\)/);
});

test('a link that leads out is not followed', async (t) => {
  const write = (rig: PluginRig): void => {
    mkdirSync(join(rig.folder, 'outside'));
    symlinkSync(join(rig.folder, 'outside'), join(rig.plugins, 'x'));
  };
  assert.match(await reasonOf(t, write), /is a link that leads out/);
});

test('without a folder there are no plugins', async (t) => {
  const set = await new PluginRig(t).load({ folder: '/nowhere/at/all' });
  assert.deepEqual([set.drivers, set.broken], [[], []]);
});

test('hidden files, tests, declarations and notes are no plugins', async (t) => {
  const rig = new PluginRig(t);
  for (const name of ['.x.js', 'x.test.js', 'x.d.ts', 'README.md', 'x.js~']) rig.write(name, 'throw 1');
  assert.deepEqual((await rig.load()).states(), []);
});

test('a plugin may be a folder, CommonJS, TypeScript, an executable with an extension, or a package', async (t) => {
  const rig = new PluginRig(t);
  rig.write('a/package.json', '{ "main": "lib/main.mjs" }');
  rig.write('a/lib/main.mjs', driverSource('a', FINE));
  rig.write('b.cjs', "module.exports = { api: 1, drivers: [{ type: 'b', schema: {}, run: async () => ({}) }] };");
  mkdirSync(join(rig.plugins, 'node_modules'));
  symlinkSync(resolve('node_modules/esbuild'), join(rig.plugins, 'node_modules/esbuild'));
  rig.write(
    'c.ts',
    `import { part } from './.c/part.ts';\nconst typed: string = part;\n${driverSource('c', 'return { message: typed };')}`,
  );
  rig.write('.c/part.ts', "export const part: string = 'typed';");
  rig.write('d.sh', '#!/bin/sh\necho \'{ "api": 1, "type": "d", "schema": {} }\'\n', 0o755);
  rig.write('node_modules/@acme/e/package.json', '{ "exports": "./index.js", "type": "module" }');
  rig.write('node_modules/@acme/e/index.js', driverSource('e', FINE));
  const set = await rig.load({ packages: ['@acme/e', 'absent'] });
  const types = set.drivers.map(({ type }) => type.type);
  assert.deepEqual(types, ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(
    set.broken.map(({ name }) => name),
    ['absent'],
  );
});

test('a plugin sees nothing of the environment but what it is given', async (t) => {
  const rig = new PluginRig(t);
  process.env.PLUGIN_TEST_SECRET = 'secret';
  t.after(() => delete process.env.PLUGIN_TEST_SECRET);
  rig.write('x.js', 'throw new Error(String(process.env.PLUGIN_TEST_SECRET));');
  assert.match((await rig.load()).broken[0]?.reason ?? '', /undefined/);
});
