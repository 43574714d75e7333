import type { Control } from '../../model/control.ts';
import { DONE, ok, type Route, route } from '../route.ts';
import { list, named } from '../schema/shape.ts';
import { backupRequest, pruneRequest } from '../schema/wishes.ts';

/** What can be asked of the daemon itself. */
export function daemonRoutes(control: Control): readonly Route[] {
  return [
    route({
      method: 'GET',
      url: '/api/v1/status',
      summary: 'How the daemon is',
      answers: { 200: named('Health') },
      run: () => ok(control.health()),
    }),
    route({
      method: 'GET',
      url: '/api/v1/doctor',
      summary: 'What is in order and what is not',
      answers: { 200: list(named('Finding')) },
      run: async () => ok(await control.doctor()),
    }),
    route({
      method: 'POST',
      url: '/api/v1/drain',
      summary: 'Start no run any more',
      answers: { 204: null },
      run: async ({ caller }) => {
        await control.drain(caller);
        return DONE;
      },
    }),
    route<unknown, unknown, { readonly dry_run?: boolean } | null>({
      method: 'POST',
      url: '/api/v1/prune',
      summary: 'Delete what is older than the config says',
      body: pruneRequest,
      answers: { 200: named('PruneReport') },
      run: async ({ body, caller }) => ok(await control.prune(body?.dry_run ?? false, caller)),
    }),
    route<unknown, unknown, { readonly folder: string }>({
      method: 'POST',
      url: '/api/v1/backup',
      summary: 'Copy the state to a folder',
      body: backupRequest,
      answers: { 204: null },
      run: async ({ body, caller }) => {
        await control.backup(body.folder, caller);
        return DONE;
      },
    }),
  ];
}
