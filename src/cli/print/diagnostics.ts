import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Terminal } from './terminal.ts';

/** Prints diagnostics one after the other; loads what that takes only when there are any. */
export async function printDiagnostics(diagnostics: readonly Diagnostic[], terminal: Terminal): Promise<void> {
  if (diagnostics.length === 0) return;
  const { formatDiagnostics } = await import('../../workflow/print-diagnostic.ts');
  await terminal.write(formatDiagnostics(diagnostics, { color: terminal.color }));
}
