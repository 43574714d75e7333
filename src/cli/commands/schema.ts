import workflowSchema from '../../../schemas/workflow.schema.json' with { type: 'json' };
import { defineCommand } from '../command.ts';
import { editorSchema } from '../editor-schema.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { PLUGINS_OPTION, PluginFolder } from '../plugin-folder.ts';

/** `runner schema`: prints the JSON Schema of workflow files, for editors and other programs. */
export const schema = defineCommand({
  name: 'schema',
  summary: 'Print the JSON Schema of workflow files',
  details: [
    'Editors that know YAML check and complete workflow files with it. It knows what the plugins of the folder bring; one that cannot be used is left out, and named on stderr.',
  ],
  options: { plugins: { ...PLUGINS_OPTION, description: 'The folder of plugins' } },
  async run({ options }, io) {
    const plugins = new PluginFolder(options.plugins, io);
    const { descriptions, broken } = await plugins.facts();
    await plugins.close();
    for (const { name, file, reason } of broken) {
      await io.stderr.write(`runner schema: the plugin "${name}" (${file}) cannot be used: ${reason}\n`);
    }
    await io.stdout.write(`${JSON.stringify(editorSchema(workflowSchema, descriptions), null, 2)}\n`);
    return EXIT_SUCCESS;
  },
});
