import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { engine, testImageTar } from './docker.ts';

/** How a registry of the tests behaves. */
export interface RegistryOptions {
  /** `user:password` it asks for; left out lets everybody in. */
  readonly credentials?: string;
  /** Takes every question and answers none. */
  readonly isStalled?: boolean;
  /** How many of the first questions for the image fail. */
  readonly failures?: number;
  /** Gives the first layer and, until `release` is called, not the second. */
  readonly isHeld?: boolean;
  /** The machine its image is for, if that is not this one. */
  readonly architecture?: string;
  /** Whether it says so in a list of machines, which the engine reads first. */
  readonly isListed?: boolean;
}

/** A registry on this machine that holds one image: that of the tests, and a file above it. */
export class TestRegistry {
  /** How often somebody began to fetch the image. */
  asked = 0;
  /** Lets a registry that holds back go on. */
  release: () => void = () => {};
  readonly #options: RegistryOptions;
  readonly #released: Promise<void>;
  readonly #blobs: ReadonlyMap<string, Buffer>;
  /** What the name of the image stands for. */
  readonly #first: Buffer;
  readonly #lastLayer: Buffer | undefined;
  #port = 0;

  private constructor(options: RegistryOptions) {
    this.#options = options;
    this.#released = new Promise((resolve) => {
      this.release = resolve;
    });
    if (!options.isHeld) this.release();
    const layers = [testImageTar() ?? Buffer.alloc(0), smallLayer()];
    const zipped = layers.map((layer) => gzipSync(layer, { level: 1 }));
    this.#lastLayer = zipped.at(-1);
    const architecture = options.architecture ?? OWN_ARCHITECTURE;
    const config = configOf(layers, architecture);
    const manifest = manifestOf(config, zipped);
    this.#first = options.isListed ? listOf(manifest, architecture) : manifest;
    this.#blobs = new Map([config, ...zipped, manifest, this.#first].map((blob) => [digest(blob), blob]));
  }

  /** Listens until the test ends; the engine forgets the image with it. */
  static async start(t: TestContext, options: RegistryOptions = {}): Promise<TestRegistry> {
    const registry = new TestRegistry(options);
    const server = createServer((request, response) => registry.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    registry.#port = (server.address() as AddressInfo).port;
    t.after(async () => {
      server.closeAllConnections();
      server.close();
      await engine.call('DELETE', `/images/${registry.image}`, { query: { force: '1' } }).catch(() => {});
    });
    return registry;
  }

  get image(): string {
    return `127.0.0.1:${this.#port}/tool:1`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { isStalled, credentials, failures = 0 } = this.#options;
    const wanted = request.url?.split('/').at(-1) ?? '';
    const blob = wanted === '1' ? this.#first : this.#blobs.get(wanted);
    if (isStalled) return;
    if (!mayEnter(request, credentials)) refuse(response, 401, { 'www-authenticate': 'Basic realm="test"' });
    else if (wanted === '') response.end('{}');
    else if (!blob || (wanted === '1' && ++this.asked <= failures)) refuse(response, blob ? 503 : 404, {});
    else void this.#give(blob, request.method === 'HEAD', response);
  }

  async #give(blob: Buffer, isHeadOnly: boolean, response: ServerResponse): Promise<void> {
    response.setHeader('content-type', mediaTypeOf(blob));
    response.setHeader('content-length', blob.length);
    response.setHeader('docker-content-digest', digest(blob));
    if (isHeadOnly) return void response.end();
    if (blob === this.#lastLayer) await this.#released;
    response.end(blob);
  }
}

const OWN_ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

const MANIFEST_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

/** Manifests say it themselves; a config does too, but not here. */
function mediaTypeOf(blob: Buffer): string {
  const isText = blob[0] === '{'.charCodeAt(0);
  return (isText && (JSON.parse(blob.toString()) as { mediaType?: string }).mediaType) || 'application/octet-stream';
}

function listOf(manifest: Buffer, architecture: string): Buffer {
  const platform = { architecture, os: 'linux' };
  const manifests = [{ mediaType: MANIFEST, size: manifest.length, digest: digest(manifest), platform }];
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_LIST, manifests }));
}

function configOf(layers: readonly Buffer[], architecture: string): Buffer {
  const rootfs = { type: 'layers', diff_ids: layers.map(digest) };
  return Buffer.from(JSON.stringify({ architecture, os: 'linux', config: {}, rootfs }));
}

function manifestOf(config: Buffer, layers: readonly Buffer[]): Buffer {
  const part = (mediaType: string, blob: Buffer) => ({ mediaType, size: blob.length, digest: digest(blob) });
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: part('application/vnd.docker.container.image.v1+json', config),
      layers: layers.map((layer) => part('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)),
    }),
  );
}

function mayEnter({ headers }: IncomingMessage, credentials: string | undefined): boolean {
  if (credentials === undefined) return true;
  return headers.authorization === `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  const errors = status === 404 ? [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] : [];
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ errors }));
}

function smallLayer(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'runner-layer-'));
  try {
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc/made-for'), 'the tests of runner\n');
    return spawnSync('tar', ['-C', folder, '-c', 'etc']).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
