import type { RunRequest } from '../../model/api.ts';
import type { Control } from '../../model/control.ts';
import { created, DONE, ok, type Route, route } from '../route.ts';
import { limit } from '../schema/queries.ts';
import { named } from '../schema/shape.ts';
import { runRequest } from '../schema/wishes.ts';

interface Id {
  readonly id: string;
}

interface Count {
  readonly count: number;
}

const count = { count: { ...limit(10), maximum: 100 } };

/** What can be asked of workflows. A `/` in an id is percent-encoded. */
export function workflowRoutes(control: Control): readonly Route[] {
  return [
    route({
      method: 'GET',
      url: '/api/v1/workflows',
      summary: 'All workflows',
      answers: { 200: named('WorkflowList') },
      run: async () => ok(await control.workflows()),
    }),
    route<Id>({
      method: 'GET',
      url: '/api/v1/workflows/:id',
      summary: 'One workflow',
      answers: { 200: named('WorkflowView') },
      run: async ({ params }) => ok(await control.workflow(params.id)),
    }),
    route<Id, unknown, RunRequest | null>({
      method: 'POST',
      url: '/api/v1/workflows/:id/runs',
      summary: 'Start a run; answers once it is durable',
      body: runRequest,
      answers: { 201: named('RunCreated') },
      run: async ({ params, body, caller }) => created(await control.fire(params.id, body ?? {}, caller)),
    }),
    route<Id, Count>({
      method: 'GET',
      url: '/api/v1/workflows/:id/next',
      summary: 'When a workflow fires next',
      query: count,
      answers: { 200: named('NextList') },
      run: async ({ params, query }) => ok(await control.next(params.id, query.count)),
    }),
    route<unknown, Count>({
      method: 'GET',
      url: '/api/v1/next',
      summary: 'When each workflow fires next',
      query: count,
      answers: { 200: named('NextList') },
      run: async ({ query }) => ok(await control.next(null, query.count)),
    }),
    ...pauseRoutes(control),
  ];
}

function pauseRoutes(control: Control): readonly Route[] {
  return (['pause', 'resume'] as const).flatMap((verb) => [
    route<Id>({
      method: 'POST',
      url: `/api/v1/workflows/:id/${verb}`,
      summary: verb === 'pause' ? 'Let no trigger fire a workflow' : 'Let triggers fire a workflow again',
      answers: { 204: null },
      run: async ({ params, caller }) => {
        await control.setPaused(params.id, verb === 'pause', caller);
        return DONE;
      },
    }),
    route({
      method: 'POST',
      url: `/api/v1/${verb}`,
      summary: verb === 'pause' ? 'Let no trigger fire anything' : 'Let triggers fire again',
      answers: { 204: null },
      run: async ({ caller }) => {
        await control.setPaused(null, verb === 'pause', caller);
        return DONE;
      },
    }),
  ]);
}
