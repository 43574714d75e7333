import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Control } from '../model/control.ts';
import type { Observation } from '../model/observation.ts';

const REQUEST_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];
const LATENESS_SECONDS = [0.01, 0.1, 0.5, 1, 5, 30, 60, 600, 3600];

/** The counters of one daemon, in a registry of their own. Made before the server, so that recovery is counted as well. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #runs = this.#counter('runner_runs_total', 'Runs that ended', ['status']);
  readonly #tasks = this.#counter('runner_tasks_total', 'Tasks that ended', ['status', 'reason']);
  readonly #firings = this.#counter('runner_firings_total', 'Decisions of triggers', ['decision', 'reason']);
  readonly #slots = this.#counter('runner_slots_missed_total', 'Due times that passed without a run', []);
  readonly #dropped = this.#counter('runner_output_dropped_bytes_total', 'Output that logs did not keep', []);
  readonly #deliveries = this.#counter('runner_deliveries_total', 'Webhook deliveries', ['outcome']);
  readonly #notices = this.#counter('runner_notices_total', 'Attempts to tell somebody of the end of a run', [
    'outcome',
  ]);
  readonly #missed = this.#counter('runner_events_missed_total', 'Live events that slow clients did not get', []);
  readonly #running = this.#gauge('runner_runs_running', 'Runs that go on', []);
  readonly #queued = this.#gauge('runner_runs_queued', 'Runs that wait', []);
  readonly #healthy = this.#gauge('runner_healthy', '1 when nothing is wrong', []);
  readonly #ready = this.#gauge('runner_ready', '1 when the daemon can take work', []);
  readonly #workflows = this.#gauge('runner_workflows', 'Workflows by state', ['state']);
  readonly #streams = this.#gauge('runner_event_clients', 'Clients that follow the events', []);
  readonly #lag = this.#gauge('runner_event_loop_lag_seconds', 'How late the event loop was when it was asked', []);
  readonly #memory = this.#gauge('process_resident_memory_bytes', 'Memory of the daemon', []);
  readonly #cpu = this.#gauge('process_cpu_seconds_total', 'Processor time of the daemon', []);
  readonly #requests = this.#histogram('runner_request_seconds', 'Time to answer requests', REQUEST_SECONDS, [
    'method',
    'route',
    'status',
  ]);
  readonly #lateness = this.#histogram('runner_lateness_seconds', 'How late schedules fired', LATENESS_SECONDS, []);

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Counts something that happened. */
  observe(observation: Observation): void {
    if (observation.kind === 'run-ended') this.#runs.inc({ status: observation.status });
    else if (observation.kind === 'notice') this.#notices.inc({ outcome: observation.outcome });
    else if (observation.kind === 'output-dropped') this.#dropped.inc(observation.bytes);
    else if (observation.kind === 'task-ended') {
      this.#tasks.inc({ status: observation.status, reason: observation.reason ?? '' });
    } else this.#observeFiring(observation);
  }

  /** `outcome` is what was answered: `accepted`, `known`, `replay`, `pong` or the code of an error. */
  delivery(outcome: string): void {
    this.#deliveries.inc({ outcome });
  }

  request(method: string, route: string, status: number, ms: number): void {
    this.#requests.observe({ method, route, status: String(status) }, ms / 1000);
  }

  streams(count: number): void {
    this.#streams.set(count);
  }

  eventsMissed(count: number): void {
    this.#missed.inc(count);
  }

  /** Everything in the text format of Prometheus. */
  async print(control: Control): Promise<string> {
    await this.#look(control);
    return this.#registry.metrics();
  }

  #observeFiring({ decision, reason, latenessMs, count }: Extract<Observation, { kind: 'firing' }>): void {
    this.#firings.inc({ decision, reason: reason ?? '' });
    if (reason === 'missed') this.#slots.inc(count);
    if (decision === 'fired' && latenessMs !== null) this.#lateness.observe(latenessMs / 1000);
  }

  async #look(control: Control): Promise<void> {
    const { running, queued, status } = control.health();
    this.#running.set(running);
    this.#queued.set(queued);
    this.#healthy.set(status === 'ok' ? 1 : 0);
    this.#ready.set(control.readiness() === null ? 1 : 0);
    this.#workflows.reset();
    for (const { state } of (await control.workflows()).workflows) this.#workflows.inc({ state });
    this.#memory.set(process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    this.#cpu.set((user + system) / 1e6);
    this.#lag.set(await loopLag());
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, buckets: number[], labelNames: string[]): Histogram {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.#registry] });
  }
}

/** How long the event loop takes to come round, in seconds. */
function loopLag(): Promise<number> {
  const asked = performance.now();
  return new Promise((resolve) => setImmediate(() => resolve((performance.now() - asked) / 1000)));
}
