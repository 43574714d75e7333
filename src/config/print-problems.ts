import { formatDiagnostics, type PrintOptions } from '../workflow/print-diagnostic.ts';
import type { LoadedConfig } from './load-config.ts';

/** Everything that is wrong with a configuration as people read it, ends with a line break. */
export function formatConfigProblems(
  { diagnostics, problems }: Extract<LoadedConfig, { problems: unknown }>,
  options: PrintOptions,
): string {
  const settings = problems.map(({ message, hint }) => {
    return `error: ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`;
  });
  const inFile = formatDiagnostics(diagnostics, options);
  return [...(inFile === '' ? [] : [inFile]), ...settings].join('\n');
}
