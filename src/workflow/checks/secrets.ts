import type { CheckedFile } from './check.ts';

/** Secrets are listed once, and a text that looks like a real one does not stand in the file. */
export function checkSecrets(file: CheckedFile): void {
  const seen = new Set<string>();
  for (const [position, name] of (file.data.secrets ?? []).entries()) {
    if (seen.has(name))
      file.reporter.warning('duplicate-name', file.at('secrets', position), `"${name}" is listed twice`);
    seen.add(name);
  }
  for (const match of file.reporter.source.text.matchAll(TOKEN)) {
    const range = { start: match.index, end: match.index + match[0].length };
    file.reporter.warning('literal-secret', range, 'this looks like a secret; whoever reads the file can use it', {
      hint: 'store it with `runner secret set NAME`, list NAME under `secrets`, and write {{ secrets.NAME }}',
      excerpt: false,
    });
  }
}

// Prefixes that the services themselves publish so that leaked tokens are found.
const TOKEN =
  /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20}|AKIA[0-9A-Z]{16}|npm_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{20,}|sk_live_[A-Za-z0-9]{20,})|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/g;
