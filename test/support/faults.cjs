/**
 * Loaded before the built program, with `--require`: lets one operation of one of its processes go wrong. `FAULT` says which, as
 * `PROCESS:OPERATION:KIND:N:MARKER`: the Nth commit, change of files or spawn of the daemon or the executor. KIND is `before` or `after`, when
 * the process is killed right before or right after it, or `fails`, when it fails as on a full disk or a machine at its limits.
 * The file MARKER tells that it came to that.
 */
const { isMainThread } = require('node:worker_threads');
const { basename } = require('node:path');
const fs = require('node:fs');
const processes = require('node:child_process');

/** What changes files and folders. */
const CHANGES_SYNC = ['writeSync', 'writeFileSync', 'renameSync', 'linkSync', 'mkdirSync', 'rmSync'];
const CHANGES = ['writeFile', 'rename', 'mkdir', 'rm'];

/** Standard output is no file. */
const isOfFile = ([target]) => typeof target !== 'number' || target > 2;

const fault = readFault(process.env.FAULT);
const PROGRAMS = { 'runnerd.cjs': 'daemon', 'executor.cjs': 'executor' };
const role = PROGRAMS[basename(process.argv[1] ?? '')];
// It happens once, whoever comes after.
if (fault && role && isMainThread && !fs.existsSync(fault.marker)) install();

function readFault(text) {
  if (!text) return null;
  const [program, operation, kind, number, marker] = text.split(':');
  return { program, operation, kind, number: Number(number), marker };
}

function install() {
  if (role === 'daemon' && fault.program === 'executor') handOn();
  if (role !== fault.program) return;
  if (fault.operation === 'commit') {
    const { ChainedBatch } = require('classic-level/chained-batch.js');
    breakCall(ChainedBatch.prototype, 'write', ([options]) => options?.sync === true, rejected);
  } else if (fault.operation === 'write') {
    for (const name of CHANGES_SYNC) breakCall(fs, name, isOfFile, thrown);
    for (const name of CHANGES) breakCall(fs.promises, name, isOfFile, async () => thrown());
    breakCall(fs, 'rm', isOfFile, (args) => process.nextTick(args.at(-1), failure()));
  } else breakCall(processes, 'spawn', () => true, thrown);
}

/** The daemon starts its executor with an environment of its own. */
function handOn() {
  const { spawn } = processes;
  processes.spawn = (program, args, options) => {
    const isExecutor = args.some((word) => basename(word) === 'executor.cjs');
    if (!isExecutor) return spawn(program, args, options);
    const env = { ...options.env, FAULT: process.env.FAULT };
    return spawn(program, ['--require', __filename, ...args], { ...options, env });
  };
}

let count = 0;

/** Replaces a function of an object by one that goes wrong at the Nth call that counts; all calls of a process share the count. */
function breakCall(owner, name, counts, fail) {
  const original = owner[name];
  owner[name] = function (...args) {
    if (!counts(args) || ++count !== fault.number) return original.apply(this, args);
    owner[name] = original;
    mark();
    if (fault.kind === 'fails') return fail(args);
    if (fault.kind === 'before') die();
    const result = original.apply(this, args);
    return typeof result?.then === 'function' ? result.then(die) : die();
  };
}

function mark() {
  fs.closeSync(fs.openSync(fault.marker, 'w'));
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

function rejected() {
  return Promise.reject(Object.assign(new Error('IO error: no space left on device'), { code: 'LEVEL_IO_ERROR' }));
}

function thrown() {
  throw failure();
}

function failure() {
  const isSpawn = fault.operation === 'spawn';
  const [code, text] = isSpawn ? ['EAGAIN', 'resource temporarily unavailable'] : ['ENOSPC', 'no space left on device'];
  return Object.assign(new Error(`${code}: ${text}`), { code });
}
