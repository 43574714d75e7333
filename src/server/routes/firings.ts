import type { Control } from '../../model/control.ts';
import { ok, type Route, route } from '../route.ts';
import { given, instant, limit, readInstant, word } from '../schema/queries.ts';
import { named } from '../schema/shape.ts';

interface Query {
  readonly workflow?: string;
  readonly until?: string;
  readonly limit: number;
}

/** What triggers decided. */
export function firingRoutes(control: Control): readonly Route[] {
  return [
    route<unknown, Query>({
      method: 'GET',
      url: '/api/v1/firings',
      summary: 'What triggers decided and why, newest first',
      query: { workflow: word, until: instant, limit: limit(50) },
      answers: { 200: named('FiringList') },
      run: async ({ query: { until, ...query } }) => {
        const wanted = given({ ...query, until: readInstant('until', until) });
        return ok(await control.firings({ ...wanted, limit: query.limit }));
      },
    }),
  ];
}
