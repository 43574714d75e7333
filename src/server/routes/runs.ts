import type { RerunRequest } from '../../model/api.ts';
import type { Control } from '../../model/control.ts';
import { type Answer, created, DONE, ok, type Route, route } from '../route.ts';
import { given, instant, limit, readInstant, waitMs, waitSeconds, word } from '../schema/queries.ts';
import { named, oneOf, plain } from '../schema/shape.ts';
import { rerunRequest } from '../schema/wishes.ts';

interface Id {
  readonly id: string;
}

interface ListQuery {
  readonly workflow?: string;
  readonly status?: string;
  readonly since?: string;
  readonly before?: string;
  readonly limit: number;
}

/** What can be asked of runs. The beginning of an id will do for one. */
export function runRoutes(control: Control): readonly Route[] {
  return [
    route<unknown, ListQuery>({
      method: 'GET',
      url: '/api/v1/runs',
      summary: 'Runs, newest first',
      query: {
        workflow: word,
        status: oneOf('queued', 'running', 'success', 'failed', 'cancelled'),
        since: instant,
        before: word,
        limit: limit(50),
      },
      answers: { 200: named('RunList') },
      run: async ({ query }) => ok(await control.runs(runQuery(query))),
    }),
    route<Id, { readonly wait: number }>({
      method: 'GET',
      url: '/api/v1/runs/:id',
      summary: 'One run; with wait, once it has ended or that much later',
      query: { wait: waitSeconds },
      answers: { 200: named('RunDetail') },
      run: async ({ params, query }) => ok(await control.run(params.id, waitMs(query.wait))),
    }),
    route<Id>({
      method: 'GET',
      url: '/api/v1/runs/:id/definition',
      summary: 'The text of the file a run was made from',
      answers: { 200: plain },
      run: async ({ params }) => plainText(await control.definition(params.id)),
    }),
    route<Id>({
      method: 'POST',
      url: '/api/v1/runs/:id/cancel',
      summary: 'Cancel a run; a second time ends what a first one spares',
      answers: { 204: null },
      run: async ({ params, caller }) => {
        await control.cancel(params.id, null, caller);
        return DONE;
      },
    }),
    route<Id, unknown, RerunRequest | null>({
      method: 'POST',
      url: '/api/v1/runs/:id/rerun',
      summary: 'Repeat a run as a new one',
      body: rerunRequest,
      answers: { 201: named('RunCreated') },
      run: async ({ params, body, caller }) => created(await control.rerun(params.id, body ?? {}, caller)),
    }),
  ];
}

/** Text for people or programs, which no browser takes for anything else. */
export function plainText(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, body, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } };
}

function runQuery({ since, ...query }: ListQuery): Parameters<Control['runs']>[0] {
  return { ...given({ ...query, since: readInstant('since', since) }), limit: query.limit };
}
