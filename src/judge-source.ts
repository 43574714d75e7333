import { BUILTIN_TYPES } from './builtin.ts';
import type { Judgement, JudgeTask } from './load-guarded.ts';
import { loadWorkflow } from './workflow/load.ts';

/** The work of the thread that judges: loads a file and keeps only what is to be said about it. */
export async function judgeSource({ source, limits, dialect, plugins }: JudgeTask): Promise<Judgement> {
  const own = { types: BUILTIN_TYPES, limits, dialect };
  const { withPlugins } = await import('./plugins/vocabulary.ts');
  const { workflow, diagnostics } = await loadWorkflow(source, withPlugins(own, plugins));
  return { isUsable: workflow !== null, diagnostics };
}
