import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads the module of a plugin and returns what it exports by default. `api` is the address of the module behind
 * `runner/plugin`. @throws whatever the module throws, and when it exports nothing
 */
export async function importPlugin(file: string, api: string): Promise<object> {
  register(`data:text/javascript,${encodeURIComponent(RESOLVER)}`, { data: api });
  const module = file.endsWith('.ts') && !stripsTypes() ? await importBundled(file) : await importFile(file);
  const { default: exported } = module as { default?: unknown };
  // A CommonJS module that was compiled from an ES module.
  const plugin = isObject(exported) && isObject(exported.default) ? exported.default : exported;
  if (isObject(plugin)) return plugin;
  throw new Error('it has no default export that is a plugin: export default definePlugin({ … })');
}

/** Leads `runner/plugin` to this program, wherever the plugin stands. */
const RESOLVER = `
let api;
export const initialize = (data) => { api = data; };
export const resolve = (name, context, next) =>
  name === 'runner/plugin' ? { url: api, shortCircuit: true } : next(name, context);
`;

/** Whether this Node reads TypeScript by itself: 22.18 and newer. */
function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

async function importFile(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError(`${error.message}${syntaxPlace(path)}`, { cause: error });
    throw error;
  }
}

/** Node tells the place of a syntax error only to who checks a file, and not in a way one can ask for. */
function syntaxPlace(path: string): string {
  const args = ['--check', '--input-type=module', '-'];
  const { stderr } = spawnSync(process.execPath, args, { input: readFileSync(path), encoding: 'utf8' });
  const line = /^\[stdin\]:(\d+)$/m.exec(stderr)?.[1];
  return line === undefined ? '' : ` (line ${line})`;
}

/** Makes one JavaScript file of the plugin and what it imports, and removes it once it is loaded. */
async function importBundled(file: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'runner-plugin-'));
  try {
    const outfile = join(folder, 'plugin.mjs');
    await esbuildFor(file).build({
      entryPoints: [file],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      sourcemap: 'inline',
      external: ['runner/plugin'],
      logLevel: 'silent',
    });
    process.setSourceMapsEnabled(true);
    return await importFile(outfile);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Bundler {
  build(options: object): Promise<unknown>;
}

/** The esbuild that stands beside the plugin or beside this program. @throws when there is none */
function esbuildFor(file: string): Bundler {
  for (const from of [file, __filename]) {
    try {
      return createRequire(from)('esbuild') as Bundler;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(
    `Node ${process.versions.node} does not read TypeScript, and there is no esbuild: compile it to .js, or install esbuild beside it (npm install esbuild); Node 22.18 and newer need neither`,
  );
}

function isObject(value: unknown): value is { readonly default?: unknown } {
  return typeof value === 'object' && value !== null;
}
