import { statSync } from 'node:fs';
import type { Diagnostic } from '../model/diagnostic.ts';
import { readRegularFile } from '../util/read-file.ts';
import { decode, FILE_START } from '../workflow/decode.ts';
import { DEFAULT_LIMITS } from '../workflow/limits.ts';
import type { Reporter } from '../workflow/reporter.ts';
import { fitToSchema } from '../workflow/schema/validate-file.ts';
import { parse } from '../workflow/yaml/parse.ts';
import { type MapNode, nodeAt, type TreeNode } from '../workflow/yaml/tree.ts';

/** What a configuration file says; empty when its shape is beyond reading. Mistakes are collected on the way. */
export class ConfigFile {
  readonly path: string;
  readonly #reporter: Reporter | null;
  readonly #tree: MapNode | null;
  readonly #unread: readonly Diagnostic[];

  constructor(path: string, reporter: Reporter | null, tree: MapNode | null, unread: readonly Diagnostic[]) {
    this.path = path;
    this.#reporter = reporter;
    this.#tree = tree;
    this.#unread = unread;
  }

  /** The texts under a key, null when nothing stands there, or `unfit` when it is neither text nor a list of texts. */
  texts(key: string, onlyText: boolean): readonly string[] | null | 'unfit' {
    const node = this.#node(key);
    if (node === undefined) return null;
    const nodes = node.kind === 'list' ? node.items : [node];
    const values = nodes.map((item) => (item.kind === 'scalar' ? item.value : null));
    const fits = values.every((value) => (onlyText ? typeof value === 'string' : value !== null));
    return fits ? values.map(String) : 'unfit';
  }

  /** Reports a mistake at the value of a key. */
  complain(key: string, problem: string, hint: string | undefined): void {
    const name = key.split('.').at(-1);
    this.#reporter?.error('bad-value', this.#node(key) ?? FILE_START, `"${name}" ${problem}`, { hint });
  }

  /** Everything that is wrong with the file. No secret stands in it. */
  diagnostics(): readonly Diagnostic[] {
    const found = [...this.#unread, ...(this.#reporter?.sorted() ?? [])];
    const lines = secretLines(this.#reporter?.source.text ?? '');
    return lines.size === 0 ? found : found.map((diagnostic) => withoutSecret(diagnostic, lines));
  }

  #node(key: string): TreeNode | undefined {
    return this.#tree === null ? undefined : nodeAt(this.#tree, key.split('.'));
  }
}

// The numbers of the lines a secret may stand in: from its key to the line before the next key.
function secretLines(text: string): ReadonlySet<number> {
  const lines = new Set<number>();
  let isSecret = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*[\w"']+\s*:/.test(line)) isSecret = false;
    isSecret ||= line.includes('secret');
    if (isSecret) lines.add(index + 1);
  }
  return lines;
}

// What the reader of YAML says may quote the text. What we say ourselves does not.
function withoutSecret(diagnostic: Diagnostic, lines: ReadonlySet<number>): Diagnostic {
  const { excerpt: _excerpt, fix: _fix, related: _related, ...rest } = diagnostic;
  const isOurs = OUR_CODES.has(rest.code);
  if (isOurs || !lines.has(rest.place.line)) return rest;
  const { hint: _hint, ...plain } = rest;
  return { ...plain, message: 'what stands here cannot be read; it is not shown because of the secret in it' };
}

const OUR_CODES: ReadonlySet<string> = new Set(['bad-value', 'unsafe-permissions']);

/** Reads a configuration file; `shown` is its name in messages. */
export async function readConfigFile(path: string, shown: string): Promise<ConfigFile> {
  const read = readRegularFile(path, shown, DEFAULT_LIMITS.bytes);
  if ('diagnostic' in read) return new ConfigFile(path, null, null, [read.diagnostic]);
  const reporter = decode(shown, read.bytes, DEFAULT_LIMITS);
  const tree = reporter.failed || isBlank(reporter.source.text) ? null : parse(reporter, DEFAULT_LIMITS, KIND);
  const fits = tree !== null && (await fitToSchema(tree, await configSchema(), reporter));
  const file = new ConfigFile(path, reporter, fits ? tree : null, []);
  checkPermissions(path, file, reporter);
  return file;
}

const KIND = { name: 'a configuration file', hint: 'for example `listen: 127.0.0.1:8420`' };

async function configSchema() {
  const { validate } = await import('../generated/validate-config.js');
  const schema = async (): Promise<object> => (await import('../generated/config-schema.ts')).CONFIG_SCHEMA;
  return { validate, schema, title: 'the configuration' };
}

function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#.*)?$/.test(line));
}

function checkPermissions(path: string, file: ConfigFile, reporter: Reporter): void {
  const { mode } = statSync(path);
  const report = (what: string, wanted: string): void => {
    reporter.error('unsafe-permissions', FILE_START, `the file can be ${what} by everyone on this machine`, {
      hint: `run \`chmod ${wanted} ${path}\``,
    });
  };
  if ((mode & 0o002) !== 0) report('changed', 'o-w');
  const holdsSecret = file.texts('github.webhook_secret', true) !== null;
  if (holdsSecret && (mode & 0o004) !== 0) report('read, and holds a secret,', 'o-r');
}
