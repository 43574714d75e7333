import { relative, resolve } from 'node:path';
import type { Diagnostic, Place, Severity } from '../../model/diagnostic.ts';

/** Diagnostics as a SARIF 2.1.0 log. Paths below `cwd` are relative to it, as viewers of code want them. */
export function sarifLog(diagnostics: readonly Diagnostic[], version: string, cwd: string): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort();
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Runner', version, rules: codes.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => result(diagnostic, codes, cwd)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

function result(diagnostic: Diagnostic, codes: readonly string[], cwd: string): object {
  const { code, severity, message, hint, place, excerpt, related } = diagnostic;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: hint === undefined ? message : `${message} (hint: ${hint})` },
    locations: [location(place, cwd, excerpt)],
    ...(related === undefined ? {} : { relatedLocations: related.map((one) => relatedLocation(one, cwd)) }),
  };
}

function relatedLocation(related: { readonly message: string; readonly place: Place }, cwd: string): object {
  return { ...location(related.place, cwd), message: { text: related.message } };
}

function location({ file, line, column, length }: Place, cwd: string, excerpt?: string): object {
  const region = { startLine: line, startColumn: column, endColumn: column + length };
  const snippet = excerpt === undefined ? {} : { contextRegion: { startLine: line, snippet: { text: excerpt } } };
  return { physicalLocation: { artifactLocation: { uri: uriOf(file, cwd) }, region, ...snippet } };
}

function uriOf(file: string, cwd: string): string {
  const absolute = resolve(cwd, file);
  const below = relative(cwd, absolute);
  const isBelow = below !== '' && !/^\.\.(\/|$)/.test(below);
  const encoded = (isBelow ? below : absolute).split('/').map(encodeURIComponent).join('/');
  return isBelow ? encoded : `file://${encoded}`;
}
