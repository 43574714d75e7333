import type { ServerResponse } from 'node:http';
import type { Clock } from '../../model/ports.ts';
import type { EventRing } from '../events/event-ring.ts';
import { EventStream } from '../events/event-stream.ts';
import { SAFE_HEADERS } from '../http/answer.ts';
import type { Metrics } from '../metrics.ts';
import { Problem } from '../problem.ts';
import { type Input, type Route, route } from '../route.ts';
import { word } from '../schema/queries.ts';
import { described, text } from '../schema/shape.ts';

interface Query {
  readonly since?: string;
}

/** What following the events takes. */
export interface EventRouteOptions {
  readonly ring: EventRing;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Clients at once. */
  readonly most: number;
  /** Ends every stream when it aborts. */
  readonly closing: AbortSignal;
}

/** The live events, to a bounded number of clients. */
export function eventRoutes({ ring, clock, metrics, most, closing }: EventRouteOptions): readonly Route[] {
  const clients = new Set<ServerResponse>();
  closing.addEventListener('abort', () => {
    for (const client of clients) client.end();
  });
  const stream = ({ query, headers }: Input<unknown, Query>, response: ServerResponse): void => {
    if (clients.size >= most)
      throw new Problem('busy', `${most} clients follow the events already`, { 'retry-after': '5' });
    clients.add(response);
    metrics.streams(clients.size);
    response.once('close', () => {
      clients.delete(response);
      metrics.streams(clients.size);
    });
    response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
    const lastId = headers['last-event-id'];
    new EventStream(ring, response, clock, (count) => metrics.eventsMissed(count)).begin(
      typeof lastId === 'string' ? lastId : (query.since ?? null),
    );
  };
  return [
    route<unknown, Query>({
      method: 'GET',
      url: '/api/v1/events',
      summary: 'Changes as they happen (server-sent events); a header Last-Event-ID wins over since',
      query: { since: described(word, 'The id of the last event seen; without it, only what comes') },
      answers: { 200: { content: { 'text/event-stream': { schema: text } } } },
      stream,
    }),
  ];
}
