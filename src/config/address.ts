import { isIP } from 'node:net';

/** Where a server listens. Port 0 is any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `HOST:PORT`, an IPv6 address in brackets; null when it is not written like that. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const [, six, host = six, digits] = match ?? [];
  const port = Number(digits);
  if (host === undefined || !(port <= 65_535)) return null;
  return (six === undefined ? isHost(host) : isIP(six) === 6) ? { host, port } : null;
}

/** The way `parseAddress` reads it. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only programs on this machine can reach a host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Whether a text is the name of a host, or an address of version 4. */
export function isHost(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return isIP(text) === 4;
  return text.length <= 253 && text.split('.').every((label) => /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/i.test(label));
}
