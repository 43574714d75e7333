/**
 * Bundles the program into dist/: one CommonJS file, so that a cold start reads one file, a launcher that starts it with the
 * code compiled at an earlier start, and the executor, which stays small.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';

const PROGRAM = 'dist/runner-main.cjs';
const LAUNCHER = 'dist/runner.cjs';
const EXECUTOR = 'dist/executor.cjs';
const DAEMON = 'dist/runnerd.cjs';
const JUDGE = 'dist/judge.cjs';
const PLUGIN_HOST = 'dist/plugin-host.cjs';
const PLUGIN_API = 'dist/plugin.mjs';

const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // They bring compiled parts, which cannot be bundled.
  external: ['classic-level', 'koffi'],
  // A start reads the file and the names in it; a stack is read back through the map (`node --enable-source-maps`).
  minify: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions;

// What the launcher runs cannot import: Node would warn about every one that tries.
const supported = { 'dynamic-import': false };
await build({ ...COMMON, supported, entryPoints: ['src/bin/runner.ts'], outfile: PROGRAM });
const hash = createHash('sha256').update(readFileSync(PROGRAM)).digest('hex');
await build({
  ...COMMON,
  entryPoints: ['src/bin/launch.ts'],
  outfile: LAUNCHER,
  banner: { js: '#!/usr/bin/env node' },
  define: { BUNDLE_HASH: JSON.stringify(hash) },
});
chmodSync(LAUNCHER, 0o755);
await build({ ...COMMON, entryPoints: ['src/bin/executor.ts'], outfile: EXECUTOR });
await build({ ...COMMON, entryPoints: ['src/bin/runnerd.ts'], outfile: DAEMON, banner: { js: '#!/usr/bin/env node' } });
chmodSync(DAEMON, 0o755);
await build({ ...COMMON, entryPoints: ['src/bin/judge.ts'], outfile: JUDGE });
await build({ ...COMMON, entryPoints: ['src/bin/plugin-host.ts'], outfile: PLUGIN_HOST });
await build({ ...COMMON, entryPoints: ['src/plugin.ts'], outfile: PLUGIN_API, format: 'esm' });

// The types of `runner/plugin`.
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.plugin.json'], { stdio: 'inherit' });
