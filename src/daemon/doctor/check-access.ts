import { formatAddress, isLoopback } from '../../config/address.ts';
import { type Check, ok, some, warning } from './check.ts';

/** Tasks run as somebody who cannot read what the daemon keeps. */
export const taskUser: Check = ({ config: { osExec } }) => {
  if (osExec.user !== null) return ok(`tasks run as ${osExec.user} and cannot read what the daemon keeps`);
  const rights = process.getuid?.() === 0 ? 'as root' : 'as the user of the daemon';
  return warning(
    `tasks run ${rights} and can read what it keeps, secrets and its key included; os_exec.user names another`,
  );
};

/** Who can reach the API needs the token. */
export const listenAddress: Check = ({ config: { listen, behindProxy }, opened: { folder } }) => {
  const where = `${formatAddress(listen)}, with the token in ${folder.tokenFile}`;
  if (isLoopback(listen.host) || behindProxy) return ok(where);
  return warning(
    `${where}: the network sees what is said, the token too; let a proxy with TLS stand before it (behind_proxy)`,
  );
};

/** Deliveries are taken in if anybody waits for them. */
export const webhook: Check = ({ config: { github }, catalog }) => {
  if (github.webhookSecrets.length > 0) return ok('deliveries are taken in when they are signed');
  const waiting = catalog.list().filter(({ workflow }) => workflow?.triggers.some(({ kind }) => kind === 'github'));
  if (waiting.length === 0) return ok('off, and no workflow waits for deliveries');
  const ids = some(waiting.map(({ id }) => id));
  return warning(`off, but ${ids} can only fire by it: set github.webhook_secret (RUNNER_GITHUB_WEBHOOK_SECRET)`);
};
