import type { PluginTriggerEntry } from '../model/extension.ts';
import type { Log } from '../model/log.ts';
import type { Trigger } from '../model/trigger.ts';
import { cronTrigger } from '../triggers/cron.ts';
import { githubTrigger } from '../triggers/github.ts';
import { intervalTrigger } from '../triggers/interval.ts';

/** Our triggers and those of plugins, by kind; what keeps a plugin from watching is told in the log. */
export function allTriggers(plugins: readonly PluginTriggerEntry[], log: Log): ReadonlyMap<string, Trigger> {
  const trouble = (trigger: string, problem: string) =>
    log.warn({ trigger, problem }, 'a trigger has stopped watching; it begins again');
  const all = [cronTrigger, intervalTrigger, githubTrigger, ...plugins.map(({ create }) => create(trouble))];
  return new Map(all.map((trigger) => [trigger.kind, trigger]));
}
