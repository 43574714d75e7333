import { definePlugin } from 'runner/plugin';

/** Greets whoever it is told to. */
export default definePlugin({
  name: 'hello-world',
  api: 1,
  drivers: [
    {
      type: 'hello-world',
      schema: {
        type: 'object',
        properties: { name: { type: 'string', minLength: 1 } },
        additionalProperties: false,
      },
      async run({ spec }, io) {
        const greeting = `Hello, ${spec.name ?? 'world'}!`;
        await io.write('stdout', `${greeting}\n`);
        return { exports: { greeting } };
      },
      signal: (signal) => console.error(`hello-world: ${signal}`),
    },
  ],
});
