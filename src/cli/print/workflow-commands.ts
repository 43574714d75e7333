import type { Diagnostic, Severity } from '../../model/diagnostic.ts';

/** Diagnostics as workflow commands of GitHub Actions, one a line: they become annotations of the file. */
export function workflowCommands(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(command).join('');
}

const NAMES: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

function command({ severity, place, message, hint, code }: Diagnostic): string {
  const { file, line, column, length } = place;
  const properties = { file, line, endLine: line, col: column, endColumn: column + length, title: code };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(String(value))}`);
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  return `::${NAMES[severity]} ${list.join(',')}::${escapedText(text)}\n`;
}

function escapedText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
