import type { Control } from '../../model/control.ts';
import { ok, type Route, route } from '../route.ts';
import { given, instant, limit, readInstant } from '../schema/queries.ts';
import { described, named } from '../schema/shape.ts';

interface Query {
  readonly since?: string;
  readonly before?: number;
  readonly limit: number;
}

/** Who did what. */
export function auditRoutes(control: Control): readonly Route[] {
  return [
    route<unknown, Query>({
      method: 'GET',
      url: '/api/v1/audit',
      summary: 'Who did what, to what, from where; newest first',
      query: {
        since: instant,
        before: described({ type: 'integer', minimum: 1 }, 'Only lines before the one with this number'),
        limit: limit(50),
      },
      answers: { 200: named('AuditList') },
      run: async ({ query: { since, ...query } }) => {
        const wanted = given({ ...query, since: readInstant('since', since) });
        return ok(await control.audits({ ...wanted, limit: query.limit }));
      },
    }),
  ];
}
