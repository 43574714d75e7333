/**
 * Runs the tests. Plain: uses what the machine has, skips the rest by name. `--all`: installs the real parts first (Debian,
 * as root), starts an engine for containers, and counts a skip as a failure. `--unit`: leaves out the tests that run the built program.
 */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { compileTests } from './compile-tests.ts';
import { startDockerEngine } from './docker-engine.ts';
import { globSync } from './glob.ts';

/** Programs the tests use, and the Debian packages that bring them. */
const PARTS: readonly { readonly program: string; readonly packages: readonly string[] }[] = [
  { program: 'bash', packages: ['bash'] },
  { program: 'dash', packages: ['dash'] },
  { program: 'git', packages: ['git'] },
  { program: 'python3', packages: ['python3'] },
  { program: 'zsh', packages: ['zsh'] },
  { program: 'fish', packages: ['fish'] },
  { program: 'strace', packages: ['strace'] },
  { program: 'faketime', packages: ['faketime'] },
  { program: 'systemd-analyze', packages: ['systemd'] },
  { program: 'dockerd', packages: ['docker.io'] },
  { program: 'busybox', packages: ['busybox-static'] },
];

/** Tests that need dist/. */
const BUILT = /^test\/(e2e\/|faults\/|storm\/|readme)/;

/** Most tests wait for processes, not for the processor. */
const FILES_AT_ONCE = Math.max(3, availableParallelism());

const all = process.argv.includes('--all');
const unit = process.argv.includes('--unit');
if (all) install();
const engine = all ? await startDockerEngine() : null;
try {
  process.exitCode = await runTests(engine ? { RUNNER_TEST_DOCKER: engine.socket } : {});
} finally {
  await engine?.stop();
}

function install(): void {
  const missing = PARTS.filter(({ program }) => spawnSync('which', [program]).status !== 0);
  if (missing.length === 0) return;
  const packages = missing.flatMap((part) => part.packages);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { status } = spawnSync('apt-get', args, { stdio: 'inherit', env });
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed with ${status}`);
  }
}

async function runTests(parts: Readonly<Record<string, string>>): Promise<number> {
  const files = globSync('test', '.test.ts').filter((file) => !unit || !BUILT.test(file));
  const programs = await compileTests(files);
  const options = [
    '--enable-source-maps',
    '--test',
    `--test-concurrency=${FILES_AT_ONCE}`,
    '--test-reporter=spec',
    '--test-timeout=180000',
  ];
  // Reading the certificates of a machine makes each of a thousand starts half as slow again, and no test leaves loopback.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const child = spawn(process.execPath, [...options, ...programs], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, RUNNER_TEST_ALL: all ? '1' : '', ...parts },
  });
  let tail = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    tail = (tail + text).slice(-4096);
  });
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  const skipped = Number(/skipped (\d+)/.exec(tail)?.[1] ?? 0);
  if (!all || skipped === 0) return code;
  process.stdout.write(`${skipped} tests were skipped, which --all does not allow\n`);
  return 1;
}
