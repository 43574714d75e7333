import { Ajv } from 'ajv';
import type { Json, JsonObject } from '../model/json.ts';
import type { SchemaError } from '../model/ports.ts';
import { BadDescription } from './description.ts';

/** Checks a spec against the schema a plugin has brought. */
export interface SpecValidator {
  /** Of a spec as it stands in a file: texts that have yet to be rendered are not judged. */
  written(spec: unknown): readonly SchemaError[];
  /** Of a spec that has been rendered: what is wrong with it in one line, or null. */
  rendered(spec: JsonObject): string | null;
}

/** Compiles a schema. @throws {BadDescription} when it is none */
export function compileSchema(type: string, schema: JsonObject): SpecValidator {
  try {
    const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false });
    const validate = ajv.compile({ ...schema, $async: false });
    const errorsOf = (spec: unknown): readonly SchemaError[] => (validate(spec) ? [] : (validate.errors ?? []));
    return {
      written: (spec) => errorsOf(spec).filter(({ instancePath }) => !isTemplate(valueAt(spec, instancePath))),
      rendered: (spec) => {
        const [error] = errorsOf(spec);
        return error ? `spec${error.instancePath.replaceAll('/', '.')} ${error.message ?? 'is wrong'}` : null;
      },
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BadDescription(`the schema of the type "${type}" cannot be used: ${message}`);
  }
}

function isTemplate(value: Json | undefined): boolean {
  return typeof value === 'string' && value.includes('{{');
}

function valueAt(spec: unknown, path: string): Json | undefined {
  let value = spec as Json | undefined;
  for (const step of path.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}
