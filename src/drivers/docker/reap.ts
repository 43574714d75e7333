import { type EngineClient, EngineError } from './engine-client.ts';

/** A container of ours, by its labels. */
interface OurContainer {
  readonly Id: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/**
 * Takes away the containers with a label of ours, `NAME` or `NAME=VALUE`, that are left behind. Nothing without it is touched.
 * Returns their ids; none when there is no engine.
 */
export async function reapContainers(
  engine: EngineClient,
  label: string,
  isLeft: (labels: Readonly<Record<string, string>>) => boolean,
): Promise<readonly string[]> {
  const filters = JSON.stringify({ label: [label] });
  try {
    const query = { all: '1', filters };
    const found = (await engine.call('GET', '/containers/json', { query })) as readonly OurContainer[];
    const left = found.filter(({ Labels }) => isLeft(Labels));
    for (const { Id } of left) await remove(engine, Id);
    return left.map(({ Id }) => Id);
  } catch (error) {
    if (error instanceof EngineError && error.isUnreachable) return [];
    throw error;
  }
}

async function remove(engine: EngineClient, id: string): Promise<void> {
  try {
    await engine.call('DELETE', `/containers/${id}`, { query: { force: '1', v: '1' } });
  } catch (error) {
    // Gone, or on its way out.
    if (!(error instanceof EngineError) || (error.status !== 404 && error.status !== 409)) throw error;
  }
}
