import type { LogPart } from '../../model/api.ts';
import type { Control } from '../../model/control.ts';
import { DONE, ok, type Route, route } from '../route.ts';
import { waitMs, waitSeconds } from '../schema/queries.ts';
import { named, plain } from '../schema/shape.ts';
import { plainText } from './runs.ts';

interface Ids {
  readonly id: string;
  readonly task: string;
}

interface LogQuery {
  readonly offset: number;
  readonly attempt?: number;
  readonly wait: number;
}

/** What can be asked of the tasks of a run, by name. */
export function taskRoutes(control: Control): readonly Route[] {
  return [
    route<Ids>({
      method: 'GET',
      url: '/api/v1/runs/:id/tasks/:task',
      summary: 'One task of a run',
      answers: { 200: named('TaskDetail') },
      run: async ({ params }) => ok(await control.task(params.id, params.task)),
    }),
    route<Ids>({
      method: 'POST',
      url: '/api/v1/runs/:id/tasks/:task/cancel',
      summary: 'Cancel one task of a run',
      answers: { 204: null },
      run: async ({ params, caller }) => {
        await control.cancel(params.id, params.task, caller);
        return DONE;
      },
    }),
    route<Ids, LogQuery>({
      method: 'GET',
      url: '/api/v1/runs/:id/tasks/:task/log',
      summary: 'Bytes of a log from an offset on; headers x-log-offset, x-log-size, x-log-complete',
      query: {
        offset: { type: 'integer', minimum: -1, default: 0, description: '-1 is the end' },
        attempt: { type: 'integer', minimum: 1, description: 'The newest when it is left out' },
        wait: waitSeconds,
      },
      answers: { 200: plain },
      run: async ({ params, query }) => {
        const attempt = query.attempt ?? null;
        return logAnswer(
          params.task,
          await control.log(params.id, params.task, attempt, query.offset, waitMs(query.wait)),
        );
      },
    }),
  ];
}

function logAnswer(task: string, part: LogPart) {
  return plainText(part.bytes, {
    'x-log-offset': String(part.offset),
    'x-log-size': String(part.size),
    'x-log-complete': String(part.complete),
    'content-disposition': `attachment; filename="${task.replace(/[^A-Za-z0-9._-]/g, '_')}.log"`,
  });
}
