import { definePlugin } from 'runner/plugin';

const TEXT = { type: 'string', minLength: 1 };

/** Fetches a secret from HashiCorp Vault (KV version 1 or 2) and exports it under its name, confidential. */
export default definePlugin({
  name: 'vault',
  api: 1,
  drivers: [
    {
      type: 'vault',
      confidential: true,
      schema: {
        type: 'object',
        required: ['path', 'secret_name'],
        additionalProperties: false,
        properties: {
          url: { type: 'string', pattern: '^https?://' },
          token: TEXT,
          role: TEXT,
          secret_id: TEXT,
          auth_mount: TEXT,
          namespace: TEXT,
          mount: TEXT,
          kv: { enum: [1, 2] },
          path: TEXT,
          version: { type: 'integer', minimum: 1 },
          secret_name: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_-]{0,63}$' },
          artifact: {
            type: 'object',
            required: ['source'],
            additionalProperties: false,
            properties: { source: TEXT },
          },
        },
      },
      run: async ({ spec }, io) => {
        if (spec.artifact) return fetchBy(spec.artifact.source, spec);
        return fetchSecret(spec, io).catch((error) => ({ code: 1, message: error.message }));
      },
    },
  ],
});

/** Somebody's own program in place of this fetcher: it writes `NAME=value` to $OUTPUT_FILE. */
function fetchBy(source, { url, token, role, secret_id, namespace, path, secret_name }) {
  const known = {
    VAULT_ADDR: url,
    VAULT_TOKEN: token,
    VAULT_ROLE: role,
    VAULT_SECRET_ID: secret_id,
    VAULT_NAMESPACE: namespace,
    VAULT_PATH: path,
    VAULT_SECRET_NAME: secret_name,
  };
  const env = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { command: [source], env };
}

async function fetchSecret(spec, io) {
  if (!spec.url) throw new Error('spec.url is needed');
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(LONGEST_MS)]);
  const vault = { url: spec.url.replace(/\/+$/, ''), namespace: spec.namespace, signal };
  const token = spec.token ?? (await signIn(vault, spec));
  try {
    const value = valueIn(await ask(vault, 'GET', placeOf(spec), token), spec);
    return { exports: { [spec.secret_name]: value } };
  } finally {
    // A token that was made for this is not needed any more; if that fails, it runs out by itself.
    if (!spec.token) await ask(vault, 'POST', 'auth/token/revoke-self', token).catch(() => {});
  }
}

/** AppRole: a role and its secret id for a token. */
async function signIn(vault, { role, secret_id, auth_mount = 'approle' }) {
  if (!role || !secret_id) throw new Error('either "token" is needed, or "role" and "secret_id"');
  const { auth } = await ask(vault, 'POST', `auth/${auth_mount}/login`, null, { role_id: role, secret_id });
  if (typeof auth?.client_token !== 'string') throw new Error('Vault gave no token for the role');
  return auth.client_token;
}

function placeOf({ mount = 'secret', path, kv = 2, version }) {
  const encoded = path.split('/').filter(Boolean).map(encodeURIComponent).join('/');
  if (kv === 1) return `${mount}/${encoded}`;
  return `${mount}/data/${encoded}${version === undefined ? '' : `?version=${version}`}`;
}

function valueIn({ data }, { kv = 2, path, secret_name }) {
  const fields = kv === 1 ? data : data?.data;
  const value = fields?.[secret_name];
  if (value === undefined || value === null) throw new Error(`${path} holds no "${secret_name}"`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const LONGEST_MS = 10_000;
const MOST_BYTES = 1024 * 1024;

/** Never repeats what it was given: it may be secret. */
async function ask({ url, namespace, signal }, method, place, token, body) {
  const headers = {
    'x-vault-request': 'true',
    ...(token ? { 'x-vault-token': token } : {}),
    ...(namespace ? { 'x-vault-namespace': namespace } : {}),
  };
  const wish = { method, headers, signal, redirect: 'manual', body: body && JSON.stringify(body) };
  const answer = await fetch(`${url}/v1/${place}`, wish).catch((error) => {
    if (signal.aborted) throw new Error(`Vault did not answer within ${LONGEST_MS / 1000} s, or the task was ended`);
    throw new Error(`Vault cannot be reached: ${error.cause?.message ?? error.message}`);
  });
  const text = await textOf(answer);
  if (answer.ok) return text === '' ? {} : JSON.parse(text);
  throw new Error(`Vault answered ${answer.status} for ${place}: ${WORDS[answer.status] ?? 'see its log'}`);
}

const WORDS = {
  307: 'this is a standby; name the active server',
  400: 'the role or its secret id is wrong',
  403: 'permission denied',
  404: 'there is nothing there (is "kv" right?)',
  503: 'Vault is sealed',
};

async function textOf(answer) {
  const chunks = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error(`the answer of Vault is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
