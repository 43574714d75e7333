import { BUILTIN_TYPES } from './builtin.ts';
import type { Judgement, JudgeTask, PluginFacts } from './load-guarded.ts';
import type { TaskType } from './model/ports.ts';
import { loadWorkflow } from './workflow/load.ts';

/** The work of the thread that judges: loads a file and keeps only what is to be said about it. */
export async function judgeSource({ source, limits, dialect, plugins }: JudgeTask): Promise<Judgement> {
  const options = { types: await allTypes(plugins), brokenPlugins: plugins.broken, limits, dialect };
  const { workflow, diagnostics } = await loadWorkflow(source, options);
  return { isUsable: workflow !== null, diagnostics };
}

async function allTypes({ types }: PluginFacts): Promise<ReadonlyMap<string, TaskType>> {
  if (types.length === 0) return BUILTIN_TYPES;
  const { pluginTaskType } = await import('./plugins/task-type.ts');
  return new Map([...BUILTIN_TYPES, ...types.map((type) => [type.type, pluginTaskType(type)] as const)]);
}
