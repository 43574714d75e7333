import type { IncomingMessage } from 'node:http';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifySchema, fastify } from 'fastify';
import type { Caller } from '../model/control.ts';
import type { JsonObject } from '../model/json.ts';
import type { Log } from '../model/log.ts';
import type { Clock } from '../model/ports.ts';
import { errorBody, refuse, SAFE_HEADERS } from './http/answer.ts';
import { readBody } from './http/read-body.ts';
import { requestIds } from './http/request-ids.ts';
import type { Metrics } from './metrics.ts';
import { Problem, problemOf } from './problem.ts';
import type { Answer, Input, Route } from './route.ts';
import { ANSWERS } from './schema/answers.ts';
import { checkOf } from './schema/check.ts';
import { named, type Schema, wish } from './schema/shape.ts';
import type { Receiver } from './webhook/receive.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const WEBHOOK_URL = '/webhooks/github';

/** The longest name in a path, in characters. */
const LONGEST_NAME = 1024;

/** What the routes' host takes from outside. */
export interface AppOptions {
  readonly routes: readonly Route[];
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly version: string;
  /** The most bytes of a body, but for those of webhooks. */
  readonly bodyLimit: number;
  parseBody(bytes: Uint8Array): JsonObject | string;
  callerOf(request: IncomingMessage): Caller;
}

/** Finds the route of a request that the gate has let in, checks it against the route's schemas, and answers. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    genReqId: requestIds(),
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: LONGEST_NAME },
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, options),
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, options));
  app.setNotFoundHandler(() => {
    throw new Problem('not-found', 'there is nothing at this path');
  });
  app.setValidatorCompiler<Schema>(({ schema, httpPart }) => checkOf(schema, partOf(httpPart)));
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.addHook('onResponse', async (request, reply) => {
    options.metrics.request(request.method, request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime);
  });
  acceptJson(app, options);
  await describe(app, options.version);
  await app.register(async (inner) => addRoutes(inner, options));
  await app.register(async (inner) => addWebhook(inner, options));
  await app.ready();
  return app;
}

function acceptJson(app: FastifyInstance, { bodyLimit, parseBody }: AppOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') throw new Problem('not-json', 'a compressed body is not taken; send plain JSON');
    const body = await readBody(payload, bodyLimit);
    if (body.length === 0) return undefined;
    const value = parseBody(body);
    if (typeof value === 'string') throw new Problem('bad-request', value);
    return value;
  });
}

async function describe(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Runner', version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    refResolver: { buildLocalReference: (json) => String(json.$id) },
  });
  for (const [name, schema] of Object.entries(ANSWERS)) app.addSchema({ $id: name, ...schema });
}

function addRoutes(app: FastifyInstance, options: AppOptions): void {
  for (const route of options.routes) addRoute(app, route, options);
  app.get('/api/v1/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    return send(reply, { status: 200, body: app.swagger() });
  });
  const urls = new Map<string, string[]>([['/api/v1/openapi.json', ['GET']]]);
  for (const { url, method } of options.routes) urls.set(url, [...(urls.get(url) ?? []), method]);
  for (const [url, allowed] of urls) refuseOtherMethods(app, url, allowed);
}

function addRoute(app: FastifyInstance, route: Route, options: AppOptions): void {
  app.route({
    method: route.method,
    url: route.url,
    schema: schemaOf(route),
    handler: async (request, reply) => {
      const input = inputOf(request, options);
      if (route.run) return send(reply, await route.run(input));
      route.stream?.(input, reply.raw);
      return reply.hijack();
    },
  });
}

function inputOf(request: FastifyRequest, { callerOf }: AppOptions): Input {
  const { params, query, body, headers } = request;
  return { params, query, body, headers, caller: callerOf(request.raw) };
}

/** Deliveries are read by their receiver, not by the framework. */
function addWebhook(app: FastifyInstance, { receiver }: AppOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.route({
    method: 'POST',
    url: WEBHOOK_URL,
    schema: {
      summary: 'Take in a delivery of GitHub',
      security: [],
      response: responses({ 200: named('DeliveryResult'), 202: named('DeliveryResult') }),
    } as FastifySchema,
    handler: async (request, reply) => send(reply, await receiver.receive(request.raw)),
  });
  refuseOtherMethods(app, WEBHOOK_URL, ['POST']);
}

function refuseOtherMethods(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  app.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url,
    schema: { hide: true },
    onRequest: async () => {
      throw new Problem('method-not-allowed', `this path takes ${allowed.join(', ')}`, { allow: allowed.join(', ') });
    },
    handler: async () => {
      throw new Error('Internal error: a refused method reached its route');
    },
  });
}

function schemaOf({ summary, query, body, answers, url }: Route): FastifySchema {
  const params = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, { type: 'string', minLength: 1 }] as const);
  return {
    summary,
    ...(url.startsWith('/api/') || url === '/metrics' ? {} : { security: [] }),
    params: { type: 'object', properties: Object.fromEntries(params) },
    querystring: wish(query ?? {}),
    ...(body && { body }),
    response: responses(answers),
  } as FastifySchema;
}

function responses(answers: Route['answers']): Record<string, Schema> {
  const byStatus = Object.entries(answers).map(([status, schema]) => [status, schema ?? { type: 'null' }]);
  return { ...Object.fromEntries(byStatus), default: named('ErrorBody') };
}

function partOf(httpPart: string | undefined): 'body' | 'text' {
  return httpPart === 'body' ? 'body' : 'text';
}

function send(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  reply.code(status).headers({ ...SAFE_HEADERS, ...headers });
  return body === null ? reply.send() : reply.send(body instanceof Uint8Array ? Buffer.from(body) : body);
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, { log, clock }: AppOptions): void {
  const problem = problemOf(error) ?? internalProblem(error, request, log);
  if (!request.raw.complete) {
    reply.hijack();
    refuse(request.raw, reply.raw, problem, request.id, clock);
    return;
  }
  send(reply, { status: problem.status, body: errorBody(problem, request.id), headers: problem.headers });
}

function internalProblem(error: unknown, request: FastifyRequest, log: Log): Problem {
  log.error({ err: error, request_id: request.id, route: request.routeOptions.url }, 'a request failed');
  return new Problem('internal', `the daemon failed here; its log says more under ${request.id}`);
}
