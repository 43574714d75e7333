import { createHmac } from 'node:crypto';
import { request } from 'node:http';

/** The secret of the webhook in tests; a daemon gets it as RUNNER_GITHUB_WEBHOOK_SECRET. */
export const WEBHOOK_SECRET = 'a secret for the tests';

/** What GitHub would see. */
export interface DeliveryReply {
  readonly status: number;
  readonly text: string;
}

/** A push to the branch main of the repository a/b. */
export function pushBody(note: string): string {
  return JSON.stringify({
    ref: 'refs/heads/main',
    before: '0'.repeat(40),
    after: '1'.repeat(40),
    commits: [],
    note,
    repository: { full_name: 'a/b' },
  });
}

/** Delivers a push, signed, to the daemon at an address. */
export function deliverPush(address: string, id: string, body = pushBody(id)): Promise<DeliveryReply> {
  const signature = `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': id,
    'x-hub-signature-256': signature,
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${address}/webhooks/github`, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
