import { nearest } from '../util/nearest.ts';
import { CONFIG_ENV, SETTINGS } from './settings.ts';

/** Warnings about variables of the environment that are most likely meant for us but misspelt. */
export function misspeltVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [CONFIG_ENV, ...Object.values(SETTINGS).map((setting) => setting.env)].map(withoutPrefix);
  const strange = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !OTHERS.has(name));
  return strange.sort().flatMap((name) => {
    const guess = known.includes(withoutPrefix(name)) ? undefined : meant(withoutPrefix(name), known);
    return guess === undefined ? [] : [`the variable ${name} is not known; did you mean ${PREFIX}${guess}?`];
  });
}

const PREFIX = 'RUNNER_';

function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length);
}

// The directory of the state has a variable that is not called like its key.
function meant(name: string, known: readonly string[]): string | undefined {
  return name === 'STATE_DIR' ? withoutPrefix(SETTINGS.stateDir.env) : nearest(name, known);
}

// What tasks are given, and what the commands read.
const OTHERS: ReadonlySet<string> = new Set([
  'RUNNER_API_TOKEN',
  'RUNNER_API_URL',
  'RUNNER_ATTEMPT',
  'RUNNER_EVENT_NAME',
  'RUNNER_EVENT_PATH',
  'RUNNER_HOST',
  'RUNNER_RUN_ID',
  'RUNNER_RUN_NUMBER',
  'RUNNER_SCHEDULED_AT',
  'RUNNER_TASK',
  'RUNNER_TASK_ID',
  'RUNNER_TASK_IMAGE',
  'RUNNER_TOKEN',
  'RUNNER_WORKFLOW',
  'RUNNER_WORKSPACE',
]);
