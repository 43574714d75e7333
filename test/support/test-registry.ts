import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

/** How a registry of the tests behaves. */
export interface RegistryOptions {
  /** `user:password` it asks for; left out lets everybody in. */
  readonly credentials?: string;
  /** Takes every question and answers none. */
  readonly isStalled?: boolean;
  /** How many of the first questions for the image fail. */
  readonly failures?: number;
}

/** A registry on this machine that holds one small image, without a program in it. */
export class TestRegistry {
  readonly image: string;
  /** How often somebody began to fetch the image. */
  asked = 0;

  private constructor(port: number) {
    this.image = `127.0.0.1:${port}/tool:1`;
  }

  /** Listens until the test ends. */
  static async start(t: TestContext, options: RegistryOptions = {}): Promise<TestRegistry> {
    const layer = smallLayer();
    const config = JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digest(layer)] },
    });
    const blobs = [Buffer.from(config), gzipSync(layer)] as const;
    const manifest = manifestOf(...blobs);
    const served = new Map([...blobs, manifest].map((blob) => [digest(blob), blob]));
    const server = createServer((request, response) => {
      if (options.isStalled) return;
      if (!mayEnter(request, options)) return refuse(response, 401, { 'www-authenticate': 'Basic realm="test"' });
      const wanted = request.url?.split('/').at(-1) ?? '';
      if (wanted === '') return void response.end('{}');
      const isManifest = request.url?.includes('/manifests/');
      if (wanted === '1' && ++registry.asked <= (options.failures ?? 0)) return refuse(response, 503, {});
      const blob = wanted === '1' ? manifest : served.get(wanted);
      if (!blob) return refuse(response, 404, {});
      response.setHeader('content-type', isManifest ? MANIFEST : 'application/octet-stream');
      response.setHeader('content-length', blob.length);
      response.setHeader('docker-content-digest', digest(blob));
      response.end(request.method === 'HEAD' ? undefined : blob);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const registry = new TestRegistry((server.address() as AddressInfo).port);
    return registry;
  }
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

function manifestOf(config: Buffer, layer: Buffer): Buffer {
  const part = (mediaType: string, blob: Buffer) => ({ mediaType, size: blob.length, digest: digest(blob) });
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: part('application/vnd.docker.container.image.v1+json', config),
      layers: [part('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
    }),
  );
}

function mayEnter({ headers }: IncomingMessage, { credentials }: RegistryOptions): boolean {
  if (credentials === undefined) return true;
  return headers.authorization === `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.writeHead(status, headers).end('{"errors":[]}');
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
