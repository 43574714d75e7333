/** Bundles the programs into dist/: one CommonJS file each, so that a cold start reads and compiles one file. */
import { chmodSync, mkdirSync } from 'node:fs';
import { build } from 'esbuild';

const PROGRAMS = ['runner'];

mkdirSync('dist', { recursive: true });
for (const program of PROGRAMS) {
  const outfile = `dist/${program}.cjs`;
  await build({
    entryPoints: [`src/bin/${program}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    // Brings a compiled part, which cannot be bundled.
    external: ['classic-level'],
    banner: { js: '#!/usr/bin/env node' },
    legalComments: 'none',
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
}
