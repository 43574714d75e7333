/** What `import … from 'runner/plugin'` gives. */
export * from './model/plugin.ts';
export { type DriverSamples, testDriver } from './plugin-suite.ts';
