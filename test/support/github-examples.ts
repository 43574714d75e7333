import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../src/model/json.ts';

/** Payloads that GitHub and its enterprise servers really sent, by event. */
export function githubExamples(): readonly { readonly event: string; readonly payload: JsonObject }[] {
  const root = dirname(createRequire(import.meta.url).resolve('@octokit/webhooks-examples/package.json'));
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) => {
    const events: { name: string; examples: JsonObject[] }[] = JSON.parse(
      readFileSync(join(root, name, 'index.json'), 'utf8'),
    );
    return events.flatMap(({ name: event, examples }) => examples.map((payload) => ({ event, payload })));
  });
}
