import type { Clock } from '../../model/ports.ts';
import { pause } from '../../util/clock.ts';
import { inspectContainer } from './container.ts';
import type { ContainerRequest } from './container-request.ts';
import type { DockerSpec } from './container-spec.ts';
import { type EngineClient, EngineError } from './engine-client.ts';
import {
  cannotBoundDisk,
  DISK_BOUND_NEEDS,
  engineWords,
  type Failure,
  isPassing,
  provisioningFailure,
} from './engine-words.ts';
import { pullImage } from './image.ts';

/** A container that was made, or had been. */
export interface Provisioned {
  readonly kind: 'provisioned';
  readonly id: string;
  readonly notes: readonly string[];
}

/** What it takes to make a container. */
export interface ProvisionOrder {
  readonly engine: EngineClient;
  readonly clock: Clock;
  readonly spec: DockerSpec;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly request: ContainerRequest;
  readonly signal: AbortSignal;
  /** Hears now and then how far it is. */
  tell(progress: string): void;
}

/** All tries, and the time before the second in ms, which doubles. These are not the tries of the task: nothing of it has begun. */
const TRIES = 3;
const FIRST_PAUSE_MS = 1_000;

/** Makes the container, with its image fetched as the spec wants. What may pass is tried again. Rejects when called off. */
export async function provision(order: ProvisionOrder): Promise<Provisioned | Failure> {
  const notes: string[] = [];
  for (let tried = 1; ; tried++) {
    try {
      return { kind: 'provisioned', ...(await provisionOnce(order, notes)) };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const words = wordsFor(error, order);
      if (tried === TRIES || !isPassing(error)) {
        return provisioningFailure(tried === 1 ? words : `${words} (tried ${tried} times)`);
      }
      notes.push(`provisioning failed and was tried again: ${words}`);
      order.tell(`trying again: ${words}`);
      await pauseUnlessCalledOff(order, FIRST_PAUSE_MS * 2 ** (tried - 1));
    }
  }
}

async function provisionOnce(order: ProvisionOrder, notes: string[]): Promise<Omit<Provisioned, 'kind'>> {
  const { spec } = order;
  if (spec.pull === 'always') await pull(order);
  try {
    return { id: await create(order, order.request, notes), notes };
  } catch (error) {
    const isMissing = error instanceof EngineError && error.status === 404 && /no such image/i.test(error.message);
    if (!isMissing || spec.pull !== 'missing') throw error;
    await pull(order);
    return { id: await create(order, order.request, notes), notes };
  }
}

async function pull({ engine, spec, clock, signal, tell }: ProvisionOrder): Promise<void> {
  try {
    await pullImage(engine, spec, clock, signal, tell);
  } catch (error) {
    if (!(error instanceof EngineError) || error.isUnreachable) throw error;
    throw new EngineError(error.status, `image "${spec.image}" cannot be fetched: ${error.message}`);
  }
}

/**
 * The name sees to it that there is only one; one that is there already, and is ours, is taken. Not to be called off half-way. What
 * will not be as it was asked for is told before the task starts, and once more at its end.
 */
async function create(order: ProvisionOrder, request: ContainerRequest, notes: string[]): Promise<string> {
  const { engine, name, labels } = order;
  const remark = (words: string): void => {
    if (notes.includes(words)) return;
    notes.push(words);
    order.tell(words);
  };
  try {
    const made = (await engine.call('POST', '/containers/create', { query: { name }, body: request })) as CreateAnswer;
    // That the image is for another kind of machine, for example, or that the kernel cannot keep a bound.
    for (const warning of made.Warnings ?? []) remark(`Docker warns: ${warning}`);
    return made.Id;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (cannotBoundDisk(error)) {
      remark(`the disk is not bounded: this engine cannot do that (${DISK_BOUND_NEEDS})`);
      return create(order, withoutDiskBound(request), notes);
    }
    if (error.status !== 409) throw error;
    const found = await inspectContainer(engine, name);
    if (found && isOurs(found.labels, labels)) return found.id;
    throw new EngineError(409, `the name ${name} is taken by a container that is not this task's; remove it`);
  }
}

interface CreateAnswer {
  readonly Id: string;
  readonly Warnings: readonly string[] | null;
}

/** Whether a container carries every one of the labels. */
export function isOurs(carried: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => carried[name] === value);
}

function withoutDiskBound(request: ContainerRequest): ContainerRequest {
  const { StorageOpt: _without, ...rest } = request.HostConfig as Record<string, unknown>;
  return { ...request, HostConfig: rest };
}

function wordsFor(error: EngineError, { engine, spec }: ProvisionOrder): string {
  const words = engineWords(error, engine.socketPath);
  if (error.status !== 404 || spec.pull !== 'never') return words;
  return `image "${spec.image}" is not here, and \`pull: never\` forbids to fetch it: docker pull ${spec.image}`;
}

/** @throws the reason of the signal */
async function pauseUnlessCalledOff({ clock, signal }: ProvisionOrder, ms: number): Promise<void> {
  const calledOff = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  if (!signal.aborted) await Promise.race([pause(clock, ms), calledOff]);
  if (signal.aborted) throw new DOMException('called off', 'AbortError');
}
