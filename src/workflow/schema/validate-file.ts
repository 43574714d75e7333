import type { WorkflowFile } from '../../generated/workflow-file.ts';
import type { Reporter } from '../reporter.ts';
import { type MapNode, toData } from '../yaml/tree.ts';
import { prune } from './prune.ts';
import { reportSchemaErrors } from './schema-errors.ts';

/**
 * Checks a tree against the schema of workflow files. Wrong parts are reported and taken out of the tree; the data that is
 * left fits the schema. Null when nothing usable is left.
 */
export async function validateFile(tree: MapNode, reporter: Reporter): Promise<WorkflowFile | null> {
  const { validate } = await import('../../generated/validate-workflow.js');
  for (let round = 1; ; round++) {
    const data = toData(tree);
    if (validate(data)) return data as WorkflowFile;
    const errors = validate.errors ?? [];
    // Later rounds only find what the cuts of the first left incomplete.
    if (round === 1) {
      const { WORKFLOW_SCHEMA } = await import('../../generated/workflow-schema.ts');
      reportSchemaErrors(errors, { tree, base: [], schema: WORKFLOW_SCHEMA, title: 'a workflow' }, reporter);
    }
    if (!prune(tree, errors) || round === MOST_ROUNDS) return null;
  }
}

// A cut can leave its mapping without a required key, which is then cut from the one above, and so on.
const MOST_ROUNDS = 10;
