// To be required before a program, which then finds no `koffi`, as on a machine for which it was not installed.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = (name, ...rest) => {
  if (name === 'koffi') throw new Error('there is no koffi');
  return resolve(name, ...rest);
};
