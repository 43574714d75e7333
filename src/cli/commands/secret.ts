import type { SecretList, SecretRequest } from '../../model/api.ts';
import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_CANCELLED, EXIT_SUCCESS } from '../exit-code.ts';
import type { Arguments } from '../options.ts';
import { countOf } from '../print/count-of.ts';
import type { Look } from '../print/look.ts';
import { type Column, tableText } from '../print/table.ts';
import { distanceText } from '../print/time-text.ts';
import { readSecret } from '../read-secret.ts';
import type { Session } from '../session.ts';

const OPTIONS = {
  workflow: { kind: 'text', value: 'WORKFLOW', description: 'The secret of this workflow, instead of the one for all' },
  namespace: { kind: 'text', value: 'NAME', description: 'The secret of the workflows in this folder' },
  allow: { kind: 'list', value: 'GLOB', description: 'With set: only workflows with such an id may read it' },
  ...DAEMON_OPTIONS,
} as const;

type SecretOptions = Arguments<typeof OPTIONS>['options'];

/** `runner secret`: keeps the values that workflows read by name. */
export const secret = defineCommand({
  name: 'secret',
  summary: 'Set, list, delete and reseal the secrets of the daemon',
  details: [
    'set NAME takes the value from stdin, without one newline at its end, or asks for it on a terminal; it is never part of a command line. list shows names, never values. rekey seals all values with a new key. A workflow reads only what it declares under secrets.',
  ],
  options: OPTIONS,
  operands: {
    name: 'VERB',
    usage: 'set|list|delete|rekey [NAME]',
    description: 'set NAME, list, delete NAME, or rekey',
    choices: ['set', 'list', 'delete', 'rekey'],
    least: 1,
    most: 2,
  },
  run: ({ options, operands: [verb, name] }, io) =>
    withDaemon('secret', options, io, (session) => {
      if (options.workflow !== undefined && options.namespace !== undefined) {
        throw new UsageError('--workflow and --namespace are two choices: give one');
      }
      if (verb === 'list' && name === undefined) return list(session);
      if (verb === 'rekey' && name === undefined) return rekey(session);
      if (verb === 'set' && name !== undefined) return set(session, name, options);
      if (verb === 'delete' && name !== undefined) return remove(session, name, options);
      throw new UsageError('expected set NAME, list, delete NAME, or rekey');
    }),
});

async function list(session: Session): Promise<number> {
  await printAnswer(session, await session.daemon.secrets(), listText);
  return EXIT_SUCCESS;
}

async function rekey(session: Session): Promise<number> {
  await printAnswer(session, await session.daemon.rekey(), ({ secrets }) => {
    return `${countOf(secrets, 'secret')} sealed with a new key\n`;
  });
  return EXIT_SUCCESS;
}

async function set(session: Session, name: string, options: SecretOptions): Promise<number> {
  const { workflow, namespace, allow } = options;
  const value = await readSecret(name, session);
  if (value === null) return EXIT_CANCELLED;
  const request: SecretRequest = {
    value,
    ...(workflow === undefined ? {} : { workflow }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(allow.length > 0 ? { allow } : {}),
  };
  await session.daemon.setSecret(name, request);
  const scope = scopeOf(options) ?? 'global';
  await printAnswer(session, { name, scope, allow }, () => `secret ${name} is set (${scope})\n`);
  return EXIT_SUCCESS;
}

async function remove(session: Session, name: string, options: SecretOptions): Promise<number> {
  const scope = scopeOf(options);
  session.about({ secret: name });
  await session.daemon.deleteSecret(name, scope);
  await printAnswer(
    session,
    { name, scope: scope ?? 'global' },
    () => `secret ${name} is deleted (${scope ?? 'global'})\n`,
  );
  return EXIT_SUCCESS;
}

function scopeOf({ workflow, namespace }: SecretOptions): string | null {
  if (workflow !== undefined) return `workflow:${workflow}`;
  return namespace === undefined ? null : `namespace:${namespace}`;
}

const COLUMNS: readonly Column[] = [
  { head: 'NAME' },
  { head: 'SCOPE' },
  { head: 'FOR', spare: 2 },
  { head: 'SET', spare: 1 },
];

function listText({ secrets }: SecretList, { columns, style, now }: Look): string {
  if (secrets.length === 0) return 'no secrets\n';
  const rows = secrets.map(({ name, scope, allow, updated_at: updatedAt }) => [
    name,
    scope,
    allow.length > 0 ? allow.join(', ') : 'all that declare it',
    distanceText(updatedAt, now),
  ]);
  return tableText(COLUMNS, rows, columns, style);
}
