import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { globSync } from '../scripts/glob.ts';

/** The import table of the design: per folder, which other folders and which packages it may import. */
const TABLE: Readonly<Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }>> = {
  model: { folders: [], packages: [] },
  util: { folders: ['model'], packages: ['node:'] },
  template: { folders: ['model', 'util'], packages: ['handlebars', 'unbash', 'node:'] },
  workflow: { folders: ['model', 'util', 'template', 'generated'], packages: ['yaml', 'ajv', 'node:'] },
  engine: { folders: ['model', 'util', 'template'], packages: ['node:'] },
  drivers: { folders: ['model', 'util', 'generated'], packages: ['node:'] },
  executor: { folders: ['model', 'util'], packages: ['koffi', 'node:'] },
  triggers: { folders: ['model', 'util'], packages: ['node:'] },
  store: { folders: ['model', 'util'], packages: ['classic-level', 'node:'] },
  server: {
    folders: ['model', 'util'],
    packages: ['fastify', '@fastify/swagger', 'ajv', 'prom-client', '@octokit/webhooks-methods', 'node:'],
  },
  catalog: { folders: ['model', 'util', 'workflow'], packages: ['chokidar', 'node:'] },
  plugins: { folders: ['model', 'util', 'template', 'workflow', 'executor', 'drivers'], packages: ['ajv', 'node:'] },
  config: { folders: ['model', 'util', 'workflow', 'generated'], packages: ['yaml', 'ajv', 'node:'] },
};

const files = globSync('src', '.ts').filter((file) => !file.startsWith(join('src', 'generated')));

for (const [folder, allowed] of Object.entries(TABLE)) {
  test(`src/${folder} imports only what the design allows`, () => {
    for (const file of files.filter((name) => name.startsWith(join('src', folder, '/')))) {
      for (const target of importsOf(file))
        assert.ok(isAllowed(file, target, folder, allowed), `${file} imports ${target}`);
    }
  });
}

test('no source file is longer than 300 lines', () => {
  const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 301);
  assert.deepEqual(long, []);
});

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export|\}) .*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

function isAllowed(
  file: string,
  target: string,
  folder: string,
  allowed: { readonly folders: readonly string[]; readonly packages: readonly string[] },
): boolean {
  if (target.startsWith('.')) {
    const owner = relative('src', normalize(join(dirname(file), target))).split('/')[0] ?? '';
    return owner === folder || allowed.folders.includes(owner);
  }
  return allowed.packages.some((name) => target === name || target.startsWith(name.endsWith(':') ? name : `${name}/`));
}
