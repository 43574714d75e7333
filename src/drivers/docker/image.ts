import type { Clock } from '../../model/ports.ts';
import { parseDuration } from '../../util/duration.ts';
import type { DockerSpec } from './container-spec.ts';
import { asEngineError, type EngineClient, EngineError } from './engine-client.ts';
import { type PullMessage, PullProgress } from './pull-progress.ts';

/**
 * Fetches the image of a task, and tells a few times how far it is. Rejects, in words, when that fails or takes too long.
 * @throws {EngineError}
 */
export async function pullImage(
  engine: EngineClient,
  spec: DockerSpec,
  clock: Clock,
  signal: AbortSignal,
  tell: (progress: string) => void = () => {},
): Promise<void> {
  const deadline = new AbortController();
  const callOff = clock.after(parseDuration(spec.pullTimeout) ?? 0, () => deadline.abort());
  const words = `fetching the image "${spec.image}"`;
  tell(words);
  try {
    const answer = await engine.stream('POST', '/images/create', {
      query: { fromImage: taggedImage(spec.image) },
      headers: authHeader(spec),
      signal: AbortSignal.any([signal, deadline.signal]),
    });
    await readProgress(answer, (progress) => tell(`${words}: ${progress}`));
  } catch (error) {
    if (!deadline.signal.aborted) throw asEngineError(error);
    throw new EngineError(504, `it took longer than ${spec.pullTimeout}`);
  } finally {
    callOff();
  }
}

/**
 * Which content the image of a task has by now, fetched if the task would fetch it; empty when that fails, which the task itself will
 * say.
 */
export async function imageContent(
  { engine, clock }: { readonly engine: EngineClient; readonly clock: Clock },
  spec: DockerSpec,
  signal: AbortSignal,
): Promise<string> {
  try {
    const known = spec.pull === 'always' ? null : await imageId(engine, spec.image);
    if (known !== null || spec.pull === 'never') return known ?? '';
    await pullImage(engine, spec, clock, signal);
    return (await imageId(engine, spec.image)) ?? '';
  } catch (error) {
    if (error instanceof EngineError || signal.aborted) return '';
    throw error;
  }
}

async function imageId(engine: EngineClient, image: string): Promise<string | null> {
  try {
    const path = `/images/${image.split('/').map(encodeURIComponent).join('/')}/json`;
    return ((await engine.call('GET', path)) as { Id: string }).Id;
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return null;
    throw error;
  }
}

/** With the tag that is meant when none is given: without one the engine would fetch all there are. */
function taggedImage(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? image : `${image}:latest`;
}

function authHeader({ registryAuth }: DockerSpec): Record<string, string> {
  if (registryAuth === null) return {};
  const auth = { username: registryAuth.user, password: registryAuth.password };
  // The engine wants the padding that `base64url` leaves out, and takes no notice of what it cannot read.
  const base64 = Buffer.from(JSON.stringify(auth)).toString('base64');
  return { 'x-registry-auth': base64.replaceAll('+', '-').replaceAll('/', '_') };
}

/** One JSON text a line; a failure after the beginning is told in one of them. */
async function readProgress(answer: AsyncIterable<Buffer>, tell: (progress: string) => void): Promise<void> {
  const progress = new PullProgress();
  const take = (line: string): void => {
    if (line.trim() === '') return;
    const message = JSON.parse(line) as PullMessage;
    if (message.error !== undefined) throw new EngineError(500, message.error);
    const words = progress.take(message);
    if (words !== null) tell(words);
  };
  let rest = '';
  for await (const chunk of answer) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  }
  take(rest);
}
