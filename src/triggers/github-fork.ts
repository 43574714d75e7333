import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import { textAt, valueAt } from '../util/json-path.ts';

/**
 * Whether code of another repository is behind an event: a pull request whose head is elsewhere or no longer exists, or a GitHub
 * workflow run for such a head.
 */
export function isFromFork(payload: JsonObject): boolean {
  const home = textAt(payload, 'repository', 'full_name');
  if (isJsonObject(valueAt(payload, 'pull_request'))) {
    return isElsewhere(valueAt(payload, 'pull_request', 'head', 'repo'), home);
  }
  const run = valueAt(payload, 'workflow_run');
  return isJsonObject(run) && isElsewhere(run.head_repository, home);
}

// A repository that is gone has no name, which is nobody's.
function isElsewhere(repository: Json | undefined, home: string): boolean {
  return textAt(repository ?? null, 'full_name').toLowerCase() !== home.toLowerCase();
}
