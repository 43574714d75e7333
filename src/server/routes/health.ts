import type { Control } from '../../model/control.ts';
import type { Metrics } from '../metrics.ts';
import { type Route, route } from '../route.ts';
import { list, object, oneOf, plain, text } from '../schema/shape.ts';
import { plainText } from './runs.ts';

const healthz = object({ status: oneOf('ok', 'degraded'), problems: list(text) });
const readyz = object({ ready: { type: 'boolean' }, reason: text });

/** What machines ask: alive, ready, how much. The first two need no token and tell nothing but problems. */
export function healthRoutes(control: Control, metrics: Metrics): readonly Route[] {
  return [
    route({
      method: 'GET',
      url: '/healthz',
      summary: 'Whether the daemon is well',
      answers: { 200: healthz, 503: healthz },
      run: () => {
        const { status, problems } = control.health();
        return { status: status === 'ok' ? 200 : 503, body: { status, problems } };
      },
    }),
    route({
      method: 'GET',
      url: '/readyz',
      summary: 'Whether the daemon can take work',
      answers: { 200: readyz, 503: readyz },
      run: () => {
        const reason = control.readiness();
        return { status: reason === null ? 200 : 503, body: { ready: reason === null, reason: reason ?? '' } };
      },
    }),
    route({
      method: 'GET',
      url: '/metrics',
      summary: 'Metrics in the text format of Prometheus',
      answers: { 200: plain },
      run: async () => plainText(await metrics.print(control), { 'content-type': metrics.contentType }),
    }),
  ];
}
