import type { WorkflowFile } from '../../generated/workflow-file.ts';
import type { SchemaError } from '../../model/ports.ts';
import type { Reporter } from '../reporter.ts';
import { type MapNode, toData } from '../yaml/tree.ts';
import { prune } from './prune.ts';
import { reportSchemaErrors } from './schema-errors.ts';
import type { SchemaNode } from './subschema.ts';

/** A kind of file: the compiled schema, the schema itself, and what a file of this kind is called in messages. */
export interface FileSchema {
  readonly validate: { (data: unknown): boolean; errors?: readonly SchemaError[] | null };
  /** Loaded only when something is wrong. */
  readonly schema: () => Promise<object>;
  readonly title: string;
}

/**
 * Checks a tree against the schema of workflow files; `triggers` are those of plugins, by kind. Wrong parts are reported and taken out of the tree; the data that is
 * left fits the schema. Null when nothing usable is left.
 */
export async function validateFile(
  tree: MapNode,
  reporter: Reporter,
  triggers: ReadonlyMap<string, unknown>,
): Promise<WorkflowFile | null> {
  const { validate: validateAll } = await import('../../generated/validate-workflow.js');
  const validate: FileSchema['validate'] = (data) => {
    const isFine = validateAll(data);
    validate.errors = validateAll.errors?.filter((error) => !isOwnTrigger(error, triggers)) ?? null;
    return isFine || validate.errors?.length === 0;
  };
  const schema = async (): Promise<object> => {
    const { WORKFLOW_SCHEMA } = await import('../../generated/workflow-schema.ts');
    return withTriggers(WORKFLOW_SCHEMA as SchemaNode, triggers);
  };
  const fits = await fitToSchema(tree, { validate, schema, title: 'a workflow' }, reporter);
  return fits ? (toData(tree) as WorkflowFile) : null;
}

/** The schema, for messages that name what is known. */
function withTriggers(schema: SchemaNode, triggers: ReadonlyMap<string, unknown>): SchemaNode {
  const own = schema.definitions?.triggers;
  const added = Object.fromEntries([...triggers.keys()].map((kind) => [kind, {}]));
  const node = { ...own, properties: { ...own?.properties, ...added } };
  return { ...schema, definitions: { ...schema.definitions, triggers: node } };
}

/** The schema knows nothing of what plugins bring. */
function isOwnTrigger({ instancePath, params }: SchemaError, triggers: ReadonlyMap<string, unknown>): boolean {
  return instancePath === '/on' && triggers.has(String(params.additionalProperty));
}

/** Reports what does not fit a schema and takes it out of the tree. False when nothing usable is left. */
export async function fitToSchema(tree: MapNode, file: FileSchema, reporter: Reporter): Promise<boolean> {
  for (let round = 1; ; round++) {
    if (file.validate(toData(tree))) return true;
    const errors = file.validate.errors ?? [];
    // Later rounds only find what the cuts of the first left incomplete.
    if (round === 1) {
      reportSchemaErrors(errors, { tree, base: [], schema: await file.schema(), title: file.title }, reporter);
    }
    if (!prune(tree, errors) || round === MOST_ROUNDS) return false;
  }
}

// A cut can leave its mapping without a required key, which is then cut from the one above, and so on.
const MOST_ROUNDS = 10;
