import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _, Ajv, type KeywordCxt } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { compile } from 'json-schema-to-typescript';

type Schema = Record<string, unknown> & { title: string };

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'src/generated');

const DECLARATION = `import type { SchemaError } from '../model/ports.ts';
export declare const validate: { (data: unknown): boolean; errors?: readonly SchemaError[] | null };
`;

await mkdir(target, { recursive: true });
await generateWorkflow(join(root, 'schemas/workflow.schema.json'));
await generateConfig(join(root, 'schemas/config.schema.json'));
for (const file of await driverSchemas(join(root, 'src/drivers'))) await generateDriverSpec(file);

async function generateWorkflow(file: string): Promise<void> {
  const schema = await readSchema(file);
  const types = await compile(withoutMarks(schema) as Schema, schema.title, {
    additionalProperties: false,
    format: false,
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: false,
  });
  await writeFile(join(target, 'workflow-file.ts'), types);
  await writeFile(join(target, 'workflow-schema.ts'), schemaModule('WORKFLOW_SCHEMA', schema));
  await writeValidator('validate-workflow', schema);
}

async function generateConfig(file: string): Promise<void> {
  const schema = await readSchema(file);
  await writeFile(join(target, 'config-schema.ts'), schemaModule('CONFIG_SCHEMA', schema));
  await writeValidator('validate-config', schema);
}

// The schema itself, for messages about what was expected; descriptions are left out.
function schemaModule(name: string, schema: Schema): string {
  const json = JSON.stringify(schema, (key, value) =>
    key === 'description' && typeof value === 'string' ? undefined : value,
  );
  return `export const ${name}: object = ${json};\n`;
}

async function generateDriverSpec(file: string): Promise<void> {
  await writeValidator(`validate-${basename(dirname(file))}-spec`, await readSchema(file));
}

async function driverSchemas(folder: string): Promise<string[]> {
  const drivers = await readdir(folder, { withFileTypes: true });
  const files = drivers.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  const found = await Promise.all(files.map(async (path) => (await readdir(path)).includes('spec.schema.json')));
  return files.filter((_path, index) => found[index]).map((path) => join(path, 'spec.schema.json'));
}

async function readSchema(file: string): Promise<Schema> {
  return JSON.parse(await readFile(file, 'utf8')) as Schema;
}

async function writeValidator(name: string, schema: Schema): Promise<void> {
  await writeFile(join(target, `${name}.js`), await bundled(validatorCode(schema)));
  await writeFile(join(target, `${name}.d.ts`), DECLARATION);
}

function validatorCode(schema: Schema): string {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, code: { source: true, esm: true } });
  ajv.addKeyword({
    keyword: 'x-not-yet',
    schemaType: 'boolean',
    error: { message: 'is not supported yet' },
    code: (context: KeywordCxt) => context.fail(_`true`),
  });
  return appending(standalone.default(ajv, ajv.compile(schema)));
}

// ajv copies all errors found so far for each part of the data that has some: seconds, where ten thousand tasks are wrong.
function appending(code: string): string {
  const append = 'function append(all, more) { for (const error of more) all.push(error); return all; }\n';
  return append + code.replaceAll(/\b(vErrors)\.concat\((\w+\.errors)\)/g, 'append($1, $2)');
}

// ajv leaves `require` calls for its small runtime in the code; bundling takes them in.
async function bundled(code: string): Promise<string> {
  const stdin = { contents: code, resolveDir: root, loader: 'js' as const };
  const result = await build({ stdin, bundle: true, format: 'esm', platform: 'node', minify: true, write: false });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error('Internal error: esbuild made no file');
  return output.text;
}

// A key that only says `x-not-yet` has no type yet.
function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'x-not-yet');
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutMarks(item)]));
}
