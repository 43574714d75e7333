import type { Clock } from '../../model/ports.ts';
import { inspectContainer } from './container.ts';
import { asEngineError, type EngineClient, EngineError } from './engine-client.ts';

/** How old a container is when it is looked at first, in ms: most are over by then, and cost nothing. */
const FIRST_LOOK_MS = 1_000;

/** Tells when somebody pauses a running container, and when it goes on, until the signal aborts. */
export function watchPauses(
  engine: EngineClient,
  clock: Clock,
  id: string,
  signal: AbortSignal,
  tell: (isPaused: boolean) => void,
): void {
  const callOff = clock.after(FIRST_LOOK_MS, () => {
    watch(engine, id, signal, tell).catch((error) => {
      // Whoever follows the container learns from the engine's silence all that counts.
      if (!signal.aborted && !(error instanceof EngineError)) throw error;
    });
  });
  signal.addEventListener('abort', callOff, { once: true });
}

async function watch(
  engine: EngineClient,
  id: string,
  signal: AbortSignal,
  tell: (isPaused: boolean) => void,
): Promise<void> {
  const filters = JSON.stringify({ container: [id], event: ['pause', 'unpause'] });
  const events = await engine.stream('GET', '/events', { query: { filters }, signal });
  if ((await inspectContainer(engine, id))?.status === 'paused' && !signal.aborted) tell(true);
  try {
    let rest = '';
    for await (const chunk of events) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) tell((JSON.parse(line) as { Action: string }).Action === 'pause');
    }
  } catch (error) {
    throw asEngineError(error);
  }
}
