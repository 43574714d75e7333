import type { ServerResponse } from 'node:http';
import type { Caller } from '../model/control.ts';
import type { Schema } from './schema/shape.ts';

/** A request as a route sees it: everything has passed the route's schemas. */
export interface Input<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  /** Null or undefined when nothing was sent. */
  readonly body: B;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly caller: Caller;
}

/** What a route answers. An object is sent as JSON, text and bytes as they are; null sends nothing. */
export interface Answer {
  readonly status: number;
  readonly body: object | string | Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One endpoint as plain data. */
export interface Route<P = unknown, Q = unknown, B = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As the router writes it: `/api/v1/runs/:id`. */
  readonly url: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  /** What is answered, by status; null is no body. */
  readonly answers: Readonly<Record<number, Schema | null>>;
  /** Answers; rejects with what `problemOf` knows. */
  run?(input: Input<P, Q, B>): Promise<Answer> | Answer;
  /** Instead of `run`: takes the response over for as long as it likes, or throws before it has written. */
  stream?(input: Input<P, Q, B>, response: ServerResponse): void;
}

/** Says what a route's schemas let through. Here alone the checked values get their types. */
export function route<P = unknown, Q = unknown, B = unknown>(definition: Route<P, Q, B>): Route {
  return definition as Route;
}

/** 200 with a JSON body. */
export function ok(body: object): Answer {
  return { status: 200, body };
}

/** 204. */
export const DONE: Answer = { status: 204, body: null };

/** 201 with the place of a new run. */
export function created(run: { readonly id: string }): Answer {
  return { status: 201, body: run, headers: { location: `/api/v1/runs/${encodeURIComponent(run.id)}` } };
}
