import type { ServerResponse } from 'node:http';
import type { RunDetail, TaskView } from '../../src/model/api.ts';
import type { FakeDaemon, Request } from './fake-daemon.ts';

interface Log {
  bytes: Buffer;
  isComplete: boolean;
}

/** A run of a fake daemon that the test moves on: its state, its events and its logs, long questions included. */
export class FakeRun {
  detail: RunDetail;
  readonly #logs = new Map<string, Log>();
  readonly #listeners = new Set<ServerResponse>();
  #waiting: (() => void)[] = [];

  constructor(daemon: FakeDaemon, detail: RunDetail) {
    this.detail = detail;
    daemon.on(`GET runs/${detail.id}`, (request, response) => this.#answerRun(request, response));
    daemon.on('GET events', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: ready\ndata: {}\n\n');
      this.#listeners.add(response);
    });
    for (const { name } of detail.tasks) {
      const route = `GET runs/${detail.id}/tasks/${encodeURIComponent(name)}/log`;
      daemon.on(route, (request, response) => this.#answerLog(name, request, response));
    }
  }

  /** The route by which the log of a task is read. */
  logRoute(task: string): string {
    return `GET runs/${this.detail.id}/tasks/${encodeURIComponent(task)}/log`;
  }

  /** The run is another from now on; who listens is told. */
  change(changes: Partial<RunDetail>): void {
    this.detail = { ...this.detail, ...changes };
    const event = {
      type: 'task-ended',
      at: '',
      workflow: 'w',
      run: this.detail.id,
      task: null,
      status: null,
      reason: null,
    };
    for (const listener of this.#listeners) listener.write(`id: 1\ndata: ${JSON.stringify(event)}\n\n`);
    this.#wake();
  }

  /** One task is another from now on. */
  changeTask(task: TaskView): void {
    this.change({ tasks: this.detail.tasks.map((one) => (one.name === task.name ? task : one)) });
  }

  write(task: string, text: string | Buffer, attempt = 1): void {
    const log = this.#log(task, attempt);
    log.bytes = Buffer.concat([log.bytes, Buffer.from(text)]);
    this.#wake();
  }

  /** Nothing will be added to a log any more. */
  complete(task: string, attempt = 1): void {
    this.#log(task, attempt).isComplete = true;
    this.#wake();
  }

  #log(task: string, attempt: number): Log {
    const key = `${task} ${attempt}`;
    const log = this.#logs.get(key) ?? { bytes: Buffer.alloc(0), isComplete: false };
    this.#logs.set(key, log);
    return log;
  }

  async #answerRun({ query }: Request, response: ServerResponse): Promise<unknown> {
    const isOver = (): boolean => !['queued', 'running'].includes(this.detail.status);
    while (query.wait !== undefined && !isOver() && !response.destroyed) await this.#change();
    return this.detail;
  }

  async #answerLog(task: string, { query }: Request, response: ServerResponse): Promise<undefined> {
    const attempt = Number(query.attempt);
    const offset = Number(query.offset);
    if (!this.#logs.has(`${task} ${attempt}`) && !query.wait) {
      const body = { code: 'no-log', message: 'there is no such log', request_id: 'r' };
      response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    const log = this.#log(task, attempt);
    while (query.wait !== undefined && log.bytes.length <= offset && !log.isComplete && !response.destroyed) {
      await this.#change();
    }
    response.writeHead(200, {
      'x-log-offset': offset,
      'x-log-size': log.bytes.length,
      'x-log-complete': String(log.isComplete),
    });
    response.end(log.bytes.subarray(offset));
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
