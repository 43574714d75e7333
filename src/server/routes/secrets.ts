import type { SecretRequest } from '../../model/api.ts';
import type { Control } from '../../model/control.ts';
import { DONE, ok, type Route, route } from '../route.ts';
import { word } from '../schema/queries.ts';
import { described, named } from '../schema/shape.ts';
import { secretRequest } from '../schema/wishes.ts';

interface Name {
  readonly name: string;
}

/** Secrets go in and never come out. */
export function secretRoutes(control: Control): readonly Route[] {
  return [
    route({
      method: 'GET',
      url: '/api/v1/secrets',
      summary: 'Names and scopes of the secrets, without values',
      answers: { 200: named('SecretList') },
      run: async () => ok(await control.secrets()),
    }),
    route({
      method: 'POST',
      url: '/api/v1/rekey',
      summary: 'Seal all secrets with a new key',
      answers: { 200: named('RekeyReport') },
      run: async ({ caller }) => ok(await control.rekey(caller)),
    }),
    route<Name, unknown, SecretRequest>({
      method: 'PUT',
      url: '/api/v1/secrets/:name',
      summary: 'Keep a secret',
      body: secretRequest,
      answers: { 204: null },
      run: async ({ params, body, caller }) => {
        await control.setSecret(params.name, body, caller);
        return DONE;
      },
    }),
    route<Name, { readonly scope?: string }>({
      method: 'DELETE',
      url: '/api/v1/secrets/:name',
      summary: 'Forget a secret',
      query: { scope: described(word, 'As listed: global (default), workflow:ID, namespace:NAME') },
      answers: { 204: null },
      run: async ({ params, query, caller }) => {
        await control.deleteSecret(params.name, query.scope ?? null, caller);
        return DONE;
      },
    }),
  ];
}
