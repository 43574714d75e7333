import type { SecretList, SecretRequest } from '../model/api.ts';
import { type Caller, ControlError } from '../model/control.ts';
import type { Clock } from '../model/ports.ts';
import type { SecretScope, SecretStore } from '../model/secret-store.ts';
import type { StateStore } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';
import { auditOf } from './audit.ts';
import type { SecretKeeper } from './control-parts.ts';
import { isoTime } from './run-view.ts';

/** Most bytes of one secret: what fits into a variable of a task's environment. */
const MOST_BYTES = 96 * 1024;

/**
 * Keeps secrets for those who ask over the API; each change is on record, its value nowhere. `rekey` seals all with a new key;
 * `hasSources` says that plugins may know what is not stored.
 */
export function keepSecrets(
  store: SecretStore,
  state: StateStore,
  clock: Clock,
  rekey: () => Promise<number>,
  hasSources: boolean,
): SecretKeeper {
  let rekeyed: Promise<unknown> = Promise.resolve();
  const audit = (caller: Caller, action: string, name: string) =>
    state
      .batch()
      .recordAudit(auditOf(clock.now(), caller, action, name))
      .commit();
  return {
    async list(): Promise<SecretList> {
      const secrets = await store.list();
      return {
        secrets: secrets.map(({ name, scope, allow, updatedAt }) => ({
          name,
          scope,
          allow,
          updated_at: isoTime(updatedAt),
        })),
      };
    },
    async set(name, request, caller) {
      if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) {
        throw new ControlError(
          'bad-request',
          `"${name}" cannot be the name of a secret: letters, digits and _, at most 64`,
        );
      }
      if (request.value === '') throw new ControlError('bad-request', 'the value is empty');
      if (request.value.includes('\0')) throw new ControlError('bad-request', 'the value holds the character NUL');
      if (Buffer.byteLength(request.value) > MOST_BYTES)
        throw new ControlError('bad-request', 'the value is over 96 KiB');
      await audit(caller, 'secret.set', name);
      await store.set(
        { name, scope: scopeOf(request), allow: request.allow ?? [], updatedAt: clock.now() },
        request.value,
      );
    },
    async delete(name, scope, caller) {
      await audit(caller, 'secret.delete', name);
      if ((await store.delete(name, scope as SecretScope | null)) > 0) return;
      throw new ControlError('unknown-secret', `there is no secret "${name}"${scope === null ? '' : ` for ${scope}`}`);
    },
    async rekey(caller) {
      await audit(caller, 'secret.rekey', 'daemon');
      // One after the other: each makes a key file of its own.
      const done = rekeyed.then(rekey);
      rekeyed = done.catch(() => undefined);
      return { secrets: await done };
    },
    missing({ id, namespace, secrets }: Workflow) {
      const { missing, denied } = store.valuesFor(id, namespace, secrets);
      // Whether a plugin knows one is found out when a run asks.
      return hasSources ? denied : [...missing, ...denied];
    },
  };
}

function scopeOf({ workflow, namespace }: SecretRequest): SecretScope {
  if (workflow !== undefined && namespace !== undefined) {
    throw new ControlError('bad-request', 'a secret is for a workflow or for a namespace, not for both');
  }
  if (workflow !== undefined) return `workflow:${workflow}`;
  return namespace === undefined ? 'global' : `namespace:${namespace}`;
}
