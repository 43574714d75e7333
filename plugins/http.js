import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';
import { definePlugin } from 'runner/plugin';

/** What an export may be: the status, the body, a header, or what a JSON pointer leads to. */
const PART = '^(status|body|header:[A-Za-z0-9-]+|/.*)$';

/** Requests a URL and exports parts of the answer. */
export default definePlugin({
  name: 'http',
  api: 1,
  drivers: [
    {
      type: 'http',
      schema: {
        type: 'object',
        required: ['url'],
        additionalProperties: false,
        properties: {
          url: { type: 'string', pattern: '^https?://' },
          method: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] },
          headers: { type: 'object', maxProperties: 50, additionalProperties: { type: 'string' } },
          body: { type: 'string' },
          json: {},
          status: { type: 'array', items: { type: 'integer', minimum: 100, maximum: 599 }, minItems: 1 },
          timeout_ms: { type: 'integer', minimum: 1, maximum: 3600000 },
          max_bytes: { type: 'integer', minimum: 1, maximum: 16777216 },
          redirects: { type: 'integer', minimum: 0, maximum: 10 },
          allow_private: { type: 'boolean' },
          export: { type: 'object', maxProperties: 50, additionalProperties: { type: 'string', pattern: PART } },
        },
      },
      run: (job, io) => request(job, io).catch((error) => ({ code: 1, message: error.message })),
    },
  ],
});

async function request({ spec }, io) {
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(spec.timeout_ms ?? 30_000)]);
  const method = spec.method ?? (spec.body === undefined && spec.json === undefined ? 'GET' : 'POST');
  const body = spec.json === undefined ? spec.body : JSON.stringify(spec.json);
  const json = spec.json === undefined ? {} : { 'content-type': 'application/json' };
  let wish = { url: new URL(spec.url), method, headers: { ...json, ...spec.headers }, body };
  let isPrivate = (address) => isIn(METADATA, address);
  for (let left = spec.redirects ?? 0; ; left--) {
    await io.write('stderr', `${wish.method} ${withoutSecrets(wish.url)}\n`);
    const answer = await ask(wish, spec.allow_private ? () => false : isPrivate, spec.max_bytes ?? 1024 * 1024, signal);
    await io.write('stderr', `${answer.status}, ${Buffer.byteLength(answer.body)} bytes\n`);
    const { location } = answer.headers;
    if (left <= 0 || location === undefined || !REDIRECTS.has(answer.status)) return replyTo(spec, answer);
    wish = redirected(wish, new URL(location, wish.url), answer.status);
    // Only the first address was chosen by whoever wrote the file.
    isPrivate = (address) => isIn(METADATA, address) || isIn(PRIVATE, address);
  }
}

function replyTo(spec, answer) {
  const isFine = spec.status ? spec.status.includes(answer.status) : answer.status >= 200 && answer.status < 300;
  if (!isFine) return { code: 1, message: `the server answered ${answer.status}` };
  const parts = Object.entries(spec.export ?? {});
  return { exports: Object.fromEntries(parts.map(([name, part]) => [name, partOf(answer, part)])) };
}

function partOf(answer, part) {
  if (part === 'status') return String(answer.status);
  if (part === 'body') return answer.body;
  if (part.startsWith('header:')) return String(answer.headers[part.slice('header:'.length).toLowerCase()] ?? '');
  let value = JSON.parse(answer.body);
  for (const step of part.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
      throw new Error(`the answer has nothing at ${part}`);
    }
    value = value[key];
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is said to one server stays with it; a redirect to another gets no headers and no body of ours. */
function redirected(wish, url, status) {
  if (!/^https?:$/.test(url.protocol)) throw new Error(`redirected to ${url.protocol}, which is not followed`);
  if (wish.url.protocol === 'https:' && url.protocol === 'http:') throw new Error('redirected from https to http');
  const isSame = url.origin === wish.url.origin;
  if (isSame && (status === 307 || status === 308)) return { ...wish, url };
  const method = wish.method === 'HEAD' ? 'HEAD' : 'GET';
  const headers = Object.entries(isSame ? wish.headers : {}).filter(([name]) => !/^content-/i.test(name));
  return { url, method, headers: Object.fromEntries(headers), body: undefined };
}

/** Connects to the very address that was judged, so that no second answer of the DNS matters. */
function ask({ url, method, headers, body }, isRefused, maxBytes, signal) {
  const refuse = (address) => new Error(`${url.hostname} is at ${address}, which is not asked: see allow_private`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const judged = (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const wrong = error ? undefined : found.find(({ address }) => isRefused(address));
      if (error || wrong) return done(error ?? refuse(wrong.address));
      return options.all ? done(null, found) : done(null, found[0].address, found[0].family);
    });
  };
  return new Promise((resolve, reject) => {
    if (isIP(literal) && isRefused(literal)) return reject(refuse(literal));
    const open = url.protocol === 'https:' ? requestHttps : requestHttp;
    const asked = open(url, { method, headers, signal, lookup: judged, agent: false }, (answer) => {
      const chunks = [];
      let size = 0;
      answer.on('data', (chunk) => {
        size += chunk.length;
        if (size <= maxBytes) return chunks.push(chunk);
        reject(new Error(`the answer is longer than ${maxBytes} bytes`));
        return asked.destroy();
      });
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    asked.on('error', (error) => reject(signal.aborted ? new Error('it took too long, or was ended') : error));
    asked.end(body);
  });
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Where clouds tell machines about themselves, credentials included. */
const METADATA = blockList(['169.254.0.0/16', 'fd00:ec2::254/128']);

/** This machine, and networks that are nobody else's business. */
const PRIVATE = blockList(
  ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3'].concat([
    '::/127',
    'fc00::/7',
    'fe80::/10',
    'ff00::/8',
  ]),
);

function blockList(ranges) {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, prefix] = range.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

function isIn(list, address) {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** What stands in a query or before a host may be secret. */
function withoutSecrets({ protocol, host, pathname }) {
  return `${protocol}//${host}${pathname}`;
}
