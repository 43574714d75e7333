import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { DaemonSandbox, type RunningDaemon } from '../support/daemon.ts';
import { finished } from '../support/program.ts';

const WITH_OPENSSL = {
  skip: spawnSync('openssl', ['version']).error === undefined ? false : 'openssl is needed',
  timeout: 60_000,
};

test(
  'the command line speaks through a proxy with TLS, and with nobody whose certificate it cannot trust',
  WITH_OPENSSL,
  async (t) => {
    const sandbox = new DaemonSandbox(t);
    sandbox.write('job', "taskGroup: [{ name: a, run: 'echo through' }]\n");
    const proxy = await startProxy(t, sandbox, await sandbox.start());
    const runner = (args: readonly string[], env: Record<string, string> = {}) =>
      finished(sandbox.verb([...args, '--host', proxy.url], '', { RUNNER_TOKEN: sandbox.token, ...env }));
    const trusting = { NODE_EXTRA_CA_CERTS: proxy.certificate };
    const { code, stdout, stderr } = await runner(['run', 'job', '--wait'], trusting);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /job#1/);
    const distrustful = await runner(['workflows']);
    assert.equal(distrustful.code, 5);
    assert.match(distrustful.stderr, /^runner workflows: cannot reach the daemon at https:.*certificate.*\n$/);
  },
);

test('behind a proxy all connections may come from one address', { timeout: 60_000 }, async (t) => {
  const answered = async (env: Record<string, string>): Promise<number> => {
    const daemon = await new DaemonSandbox(t).start([], env);
    const answers = await Promise.all(Array.from({ length: 40 }, () => knock(t, daemon)));
    return answers.filter((answer) => answer.startsWith('HTTP/1.1 200')).length;
  };
  assert.deepEqual([await answered({}), await answered({ RUNNER_BEHIND_PROXY: 'true' })], [32, 40]);
});

/** Takes TLS away on the way to a daemon, as a proxy does. */
async function startProxy(t: TestContext, { folder }: DaemonSandbox, daemon: RunningDaemon) {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', certificate, ...subject], { stdio: 'ignore' });
  const port = Number(new URL(daemon.address).port);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (client) => {
    const behind = connect(port, '127.0.0.1');
    for (const socket of [client, behind]) socket.on('error', () => socket.destroy());
    client.pipe(behind).pipe(client);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  t.after(() => server.close());
  return { certificate, url: `https://localhost:${(server.address() as AddressInfo).port}` };
}

/** Opens a connection that stays, and asks; what is answered at first, or nothing when it is closed. */
function knock(t: TestContext, daemon: RunningDaemon): Promise<string> {
  const socket: Socket = connect(Number(new URL(daemon.address).port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return new Promise((resolve) => {
    socket.on('data', (bytes) => resolve(bytes.toString()));
    socket.on('error', () => resolve('')).on('close', () => resolve(''));
  });
}
