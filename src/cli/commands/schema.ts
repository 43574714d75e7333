import workflowSchema from '../../../schemas/workflow.schema.json' with { type: 'json' };
import { defineCommand } from '../command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';

/** `runner schema`: prints the JSON Schema of workflow files, for editors and other programs. */
export const schema = defineCommand({
  name: 'schema',
  summary: 'Print the JSON Schema of workflow files',
  details: ['Editors that know YAML check and complete workflow files with it.'],
  options: {},
  async run(_args, io) {
    await io.stdout.write(`${JSON.stringify(workflowSchema, null, 2)}\n`);
    return EXIT_SUCCESS;
  },
});
